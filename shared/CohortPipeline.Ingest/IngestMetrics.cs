using System.Diagnostics.Metrics;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>The instruments of ingest. In = out + dead letters, a batch counted by its entries.</summary>
internal static class IngestMetrics
{
    private static readonly Meter Meter = new("CohortPipeline.Ingest");

    private static readonly Counter<long> Read = Meter.CreateCounter<long>("cohort.ingest.records_read", "{record}", "Producers' records read, by topic.");

    private static readonly Counter<long> Written = Meter.CreateCounter<long>("cohort.ingest.records_normalized", "{record}", "Records written to activity, by source topic.");

    private static readonly Counter<long> DeadLettered = Meter.CreateCounter<long>("cohort.ingest.dead_letters", "{record}", "Records or batch entries that became dead letters, by source topic and reason.");

    private static readonly Counter<long> ClockAhead = Meter.CreateCounter<long>("cohort.ingest.clock_ahead", "{record}", "Records stamped more than a second ahead of the wall clock, by topic.");

    private static readonly Counter<long> Watermarks = Meter.CreateCounter<long>("cohort.ingest.watermarks", "{watermark}", "Watermarks written, by source topic.");

    private static readonly Gauge<long> Behind = Meter.CreateGauge<long>("cohort.ingest.behind", "{record}", "Offsets between position and end, by source partition.");

    private static readonly Gauge<double> WatermarkAge = Meter.CreateGauge<double>("cohort.ingest.watermark_age", "s", "How long ago the instant is up to which a source partition was read.");

    public static void Batch(string topic, long read, long written, long ahead)
    {
        var tag = Topic(topic);
        Read.Add(read, tag);
        Written.Add(written, tag);
        if (ahead > 0)
            ClockAhead.Add(ahead, tag);
    }

    public static void DeadLetter(string topic, DeadLetterReason reason) =>
        DeadLettered.Add(1, Topic(topic), new("reason", DeadLetterReasons.Name(reason)));

    public static void Watermark(string topic) => Watermarks.Add(1, Topic(topic));

    public static void Progress(TopicPartition partition, long behind, TimeSpan? age)
    {
        Behind.Record(behind, Topic(partition.Topic), new("partition", partition.Partition));
        if (age is { } since)
            WatermarkAge.Record(since.TotalSeconds, Topic(partition.Topic), new("partition", partition.Partition));
    }

    private static KeyValuePair<string, object?> Topic(string topic) => new("topic", topic);
}
