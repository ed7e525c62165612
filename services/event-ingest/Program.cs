using CohortPipeline.Hosting;
using CohortPipeline.Ingest;

const int DefaultPort = 8081;

var builder = PipelineHost.CreateBuilder(args, IngestSource.Events.Service, DefaultPort);
builder.AddIngest(IngestSource.Events);
return await PipelineHost.RunAsync(builder);
