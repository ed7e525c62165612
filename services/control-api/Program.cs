using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.S3.Policies;

const int DefaultPort = 8080;

var builder = PipelineHost.CreateBuilder(args, "control-api", DefaultPort);
builder.AddControl();
builder.Services.AddKinesisPolicies();
builder.Services.AddS3Policies();
return await PipelineHost.RunAsync(builder, app => app.MapControl());
