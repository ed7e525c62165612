using CohortPipeline.Hosting;
using CohortPipeline.Sinks.S3;

const int DefaultPort = 8085;

var builder = PipelineHost.CreateBuilder(args, "s3-sink", DefaultPort);
builder.AddS3Sink();
return await PipelineHost.RunAsync(builder);
