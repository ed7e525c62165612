using CohortPipeline.Hosting;
using CohortPipeline.Evaluator;

var builder = PipelineHost.CreateBuilder(args, "membership-evaluator", defaultPort: 8083);
builder.AddEvaluator();
return await PipelineHost.RunAsync(builder);
