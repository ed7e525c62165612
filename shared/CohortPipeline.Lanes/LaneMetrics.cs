using System.Diagnostics.Metrics;

namespace CohortPipeline.Lanes;

internal static class LaneMetrics
{
    private static readonly Meter Meter = new("CohortPipeline.Lanes");

    public static readonly Counter<long> Committed = Meter.CreateCounter<long>("cohort.lane.commits", "{commit}", "Transactions committed.");

    public static readonly Counter<long> Aborted = Meter.CreateCounter<long>("cohort.lane.aborts", "{abort}", "Transactions aborted and read again.");

    public static readonly Counter<long> OffsetsGone = Meter.CreateCounter<long>("cohort.lane.offsets_gone", "{partition}", "Positions that retention had passed: records lost unread.");

    public static readonly Histogram<double> CommitAge = Meter.CreateHistogram<double>("cohort.lane.commit_age", "s", "From the first change of a transaction to its commit.");
}
