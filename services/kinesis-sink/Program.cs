using CohortPipeline.Hosting;
using CohortPipeline.Sinks.Kinesis;

const int DefaultPort = 8084;

var builder = PipelineHost.CreateBuilder(args, "kinesis-sink", DefaultPort);
builder.AddKinesisSink();
return await PipelineHost.RunAsync(builder);
