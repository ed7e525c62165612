using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.Kinesis.Checks;
using CohortPipeline.Sinks.S3.Checks;
using CohortPipeline.Sinks.S3.Policies;

const int DefaultPort = 8080;

var builder = PipelineHost.CreateBuilder(args, "control-api", DefaultPort);
builder.AddControl();
builder.Services.AddKinesisPolicies();
builder.Services.AddS3Policies();
builder.Services.AddKinesisChecks();
builder.Services.AddS3Checks();
return await PipelineHost.RunAsync(builder, app => app.MapControl());
