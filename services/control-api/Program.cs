using CohortPipeline.Control;
using CohortPipeline.ControlApi;
using CohortPipeline.Hosting;

var builder = PipelineHost.CreateBuilder(args, "control-api", defaultPort: 8080);
builder.AddControl();
builder.AddPolicyPrinters();
return await PipelineHost.RunAsync(builder, app => app.MapControl());
