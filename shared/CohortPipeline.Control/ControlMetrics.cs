using System.Diagnostics.Metrics;

namespace CohortPipeline.Control;

internal static class ControlMetrics
{
    private static readonly Meter Meter = new("CohortPipeline.Control");

    private static readonly Gauge<long> GroupLag = Meter.CreateGauge<long>("cohort.group.lag", "{record}", "Records and markers between what a group of the pipeline has committed and the end, by partition.");

    private static readonly Gauge<long> CohortMembers = Meter.CreateGauge<long>("cohort.members", "{profile}", "Members, by cohort.");

    public static bool IsWanted => GroupLag.Enabled || CohortMembers.Enabled;

    public static void Lag(GroupLag lag)
    {
        foreach (var partition in lag.Partitions)
            GroupLag.Record(partition.Lag, new("group", lag.Group), new("topic", lag.Topic), new("partition", partition.Partition));
    }

    public static void Members(string cohortId, long members) => CohortMembers.Record(members, new KeyValuePair<string, object?>("cohort", cohortId));
}
