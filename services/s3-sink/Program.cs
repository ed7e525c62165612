using CohortPipeline.Hosting;
using CohortPipeline.Sinks.S3;

var builder = PipelineHost.CreateBuilder(args, "s3-sink", defaultPort: 8085);
builder.AddS3Sink();
return await PipelineHost.RunAsync(builder);
