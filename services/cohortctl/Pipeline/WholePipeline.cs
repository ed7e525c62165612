using CohortPipeline.Control;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.Kinesis.Checks;
using CohortPipeline.Sinks.S3;
using CohortPipeline.Sinks.S3.Checks;
using CohortPipeline.Sinks.S3.Policies;

namespace CohortPipeline.CohortCtl;

/// <summary>Every service of a pipeline in one process: the same <c>Add…</c> methods that the services call.</summary>
internal static class WholePipeline
{
    public const int Port = 8080;

    public static WebApplicationBuilder CreateBuilder(string[] settings)
    {
        var builder = PipelineHost.CreateBuilder(settings, "cohortctl", Port);
        builder.AddIngest(IngestSource.Events);
        builder.AddIngest(IngestSource.Identifies);
        builder.AddEvaluator();
        builder.AddKinesisSink();
        builder.AddS3Sink();
        builder.AddControl();
        builder.Services.AddKinesisPolicies();
        builder.Services.AddS3Policies();
        builder.Services.AddKinesisChecks();
        builder.Services.AddS3Checks();
        return builder;
    }
}
