using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>How the evaluators of a run are set up, all of them alike.</summary>
internal sealed class EvaluatorSettings
{
    public EvaluatorSettings(Random random, OracleOptions oracle, int partitions)
    {
        Pipeline = new()
        {
            Log = LogKind.Embedded,
            Partitions = partitions,
            Clock = oracle.RecordClock ? ClockKind.Record : ClockKind.Wall,
            EventTopics = [.. oracle.SourceTopics],
            IdentifyTopics = [],
        };
        Topics = Pipeline.Topics();
        Group = EvaluatorProcessor.GroupOf(Topics);
        Options = new()
        {
            Grace = TimeSpan.FromMilliseconds(oracle.Grace),
            RememberedEventsMax = oracle.RememberedEventsMax,
            TimerSlice = random.Next(1, 5),
            CommitInterval = TimeSpan.FromMilliseconds(random.Next(1, 100)),
        };
    }

    public PipelineOptions Pipeline { get; }

    public PipelineTopics Topics { get; }

    public string Group { get; }

    public EvaluatorOptions Options { get; }

    /// <summary>A small one is reached within a batch.</summary>
    public long CommitBytesMax { get; init; } = long.MaxValue;

    public ProcessSetup Setup => LaneWork.Setup("evaluator", LaneOptions, (log, logger) => new EvaluatorProcessor(Pipeline, Options, log.Clock, logger));

    /// <summary>A poll does not wait: the simulation itself says when time passes.</summary>
    private LaneOptions LaneOptions(int ordinal) => new()
    {
        Group = Group,
        Topics = [Topics.Activity.Name],
        TransactionalId = $"{Group}.{ordinal}",
        CommitInterval = Options.CommitInterval,
        CommitBytesMax = CommitBytesMax,
        IdleWait = TimeSpan.Zero,
    };
}
