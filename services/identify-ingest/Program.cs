using CohortPipeline.Hosting;
using CohortPipeline.Ingest;

const int DefaultPort = 8082;

var builder = PipelineHost.CreateBuilder(args, IngestSource.Identifies.Service, DefaultPort);
builder.AddIngest(IngestSource.Identifies);
return await PipelineHost.RunAsync(builder);
