using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;

const int DefaultPort = 8083;

var builder = PipelineHost.CreateBuilder(args, "membership-evaluator", DefaultPort);
builder.AddEvaluator();
return await PipelineHost.RunAsync(builder);
