using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>A lane over records that are published already: those of the warm-up, then rounds of equal size.</summary>
internal sealed record LaneRun(long WarmUp, long PerRound, int Rounds)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public long Total => WarmUp + (PerRound * Rounds);

    public static LaneOptions Options(string group, string topic) => new() { Group = group, Topics = [topic], TransactionalId = group };

    /// <summary>Runs the lane on this thread until everything is committed.</summary>
    public LaneMeasurements Measure(ILog log, LaneOptions options, Func<ILaneProcessor> createProcessor)
    {
        using var stop = new CancellationTokenSource(Limit);
        MeasuredProcessor? measured = null;
        new Lane(log, options, number: 0, _ => measured = new(createProcessor(), this, stop), TimeProvider.System, NullLogger.Instance, stop.Token).Run();
        return measured!.Take();
    }
}

/// <summary>What a lane's rounds took, and where the lane's thread spent them.</summary>
internal sealed record LaneMeasurements(IReadOnlyList<Measurement> Rounds, StageTimes Stages);
