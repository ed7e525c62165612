using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CohortPipeline.Evaluator;

internal static class EvaluatorMetrics
{
    private const string Name = "CohortPipeline.Evaluator";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Deltas = Meter.CreateCounter<long>("cohort.deltas", "{delta}", "Enter and exit deltas, by cohort and change.");

    public static readonly ActivitySource Source = new(Name);

    public static readonly Counter<long> Records = Meter.CreateCounter<long>("cohort.evaluator.records", "{record}", "Records of activity applied.");

    public static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("cohort.evaluator.dead_letters", "{record}", "Records of activity that no codec of ours reads.");

    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("cohort.evaluator.duplicates", "{event}", "Events and identify calls that had been applied already.");

    public static readonly Counter<long> ApproximateBehaviors = Meter.CreateCounter<long>("cohort.evaluator.approximate_behaviors", "{behavior}", "Behaviors of profiles of which events were dropped to keep them in their bounds.");

    public static readonly Counter<long> RefusedProperties = Meter.CreateCounter<long>("cohort.evaluator.refused_properties", "{property}", "Properties that would have passed a profile's bounds.");

    public static readonly Counter<long> TimersFired = Meter.CreateCounter<long>("cohort.evaluator.timers_fired", "{timer}", "Timers evaluated at their deadlines.");

    public static readonly Counter<long> ProfilesRestored = Meter.CreateCounter<long>("cohort.evaluator.profiles_restored", "{profile}", "Profiles read back from the changelog.");

    public static readonly Gauge<long> Profiles = Meter.CreateGauge<long>("cohort.evaluator.profiles", "{profile}", "Profiles held, by partition.");

    public static readonly Gauge<long> ProfileBytes = Meter.CreateGauge<long>("cohort.evaluator.profile_memory", "By", "Memory of the profiles held and of their timers, by partition.");

    public static readonly Gauge<long> TimersPending = Meter.CreateGauge<long>("cohort.evaluator.timers_pending", "{timer}", "Timers waiting, by partition.");

    public static readonly Gauge<long> MissingSources = Meter.CreateGauge<long>("cohort.evaluator.sources_missing", "{source}", "Configured sources that never reported a watermark and so hold time, by partition.");

    public static readonly Gauge<double> SecondsBehind = Meter.CreateGauge<double>("cohort.evaluator.watermark_age", "s", "Wall clock minus the partition's watermark.");

    public static readonly Histogram<double> EventToDelta = Meter.CreateHistogram(
        "cohort.evaluator.event_to_delta",
        "s",
        "From a delta's instant to its commit, where time is the wall clock's.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600] });

    public static void CountDelta(string cohortId, bool isEnter) =>
        Deltas.Add(1, new("cohort", cohortId), new("change", isEnter ? "enter" : "exit"));
}
