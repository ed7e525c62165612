using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>Lanes over records that are published already: those of the warm-up, then rounds of equal size.</summary>
internal sealed record LaneRun(long WarmUp, long PerRound, int Rounds)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public long Total => WarmUp + (PerRound * Rounds);

    public static LaneOptions Options(string group, string topic, int lanes = 1) =>
        new() { Group = group, Topics = [topic], TransactionalId = group, LaneCount = lanes };

    /// <summary>Runs the lanes, each on a thread, until everything is committed.</summary>
    public LaneMeasurements Measure(ILog log, LaneOptions options, Func<ILaneProcessor> createProcessor)
    {
        using var stop = new CancellationTokenSource(Limit);
        var progress = new LaneProgress(this, stop);
        Task.WaitAll([.. Enumerable.Range(0, options.LaneCount).Select(number => Task.Factory.StartNew(() => RunLane(number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
        return progress.Take();

        void RunLane(int number)
        {
            MeasuredProcessor? measured = null;
            try
            {
                new Lane(log, options, number, _ => measured = new(createProcessor(), progress), TimeProvider.System, NullLogger.Instance, stop.Token).Run();
            }
            finally
            {
                measured?.Dispose();
                stop.Cancel();
            }
        }
    }
}

/// <summary>What the rounds took, and where the lanes' threads spent them.</summary>
internal sealed record LaneMeasurements(IReadOnlyList<Measurement> Rounds, StageTimes Stages);
