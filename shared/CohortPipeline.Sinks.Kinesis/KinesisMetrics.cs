using System.Diagnostics.Metrics;

namespace CohortPipeline.Sinks.Kinesis;

internal static class KinesisMetrics
{
    private const string DestinationTag = "cohort.destination.id";
    private const string CodeTag = "error.type";

    private static readonly Meter Meter = new("CohortPipeline.Sinks.Kinesis");

    private static readonly Histogram<double> PutDuration = Meter.CreateHistogram(
        "cohort.kinesis.put_records.duration",
        "s",
        "Duration of one PutRecords.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("cohort.kinesis.attempted", "{record}", "Kinesis records sent, resends counted.");

    private static readonly Histogram<double> DeliveryAge = Meter.CreateHistogram(
        "cohort.sink.event_to_delivered",
        "s",
        "From the oldest change or event in a record to its acceptance.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600] });

    private static readonly Counter<long> Sessions = Meter.CreateCounter<long>("cohort.kinesis.sessions", "{session}", "Sessions assumed of destinations' roles.");

    private static readonly Gauge<long> SessionEnds = Meter.CreateGauge<long>("cohort.kinesis.session.ends", "s", "When the newest session of a destination's role ends, seconds since 1970; one that lies behind now could not be renewed.");

    public static void Put(string destinationId, int records, TimeSpan duration, string? errorType)
    {
        var tags = new System.Diagnostics.TagList { { DestinationTag, destinationId } };
        Attempts.Add(records, tags);
        if (errorType is not null)
            tags.Add(CodeTag, errorType);
        PutDuration.Record(duration.TotalSeconds, tags);
    }

    public static void Delivered(string destinationId, TimeSpan age) => DeliveryAge.Record(age.TotalSeconds, new KeyValuePair<string, object?>(DestinationTag, destinationId));

    public static void SessionAssumed(string destinationId, DateTimeOffset expiresAt)
    {
        var tag = new KeyValuePair<string, object?>(DestinationTag, destinationId);
        Sessions.Add(1, tag);
        SessionEnds.Record(expiresAt.ToUnixTimeSeconds(), tag);
    }
}
