using CohortPipeline.Hosting;
using CohortPipeline.Sinks.Kinesis;

var builder = PipelineHost.CreateBuilder(args, "kinesis-sink", defaultPort: 8084);
builder.AddKinesisSink();
return await PipelineHost.RunAsync(builder);
