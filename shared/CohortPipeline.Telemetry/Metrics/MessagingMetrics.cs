using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CohortPipeline.Telemetry;

/// <summary>The instruments of the OpenTelemetry messaging conventions 1.44, recorded once a batch and never once a record.</summary>
public static class MessagingMetrics
{
    private static readonly Meter Meter = new("CohortPipeline.Telemetry");

    /// <summary>Buckets of durations in seconds, as the conventions give them.</summary>
    private static readonly InstrumentAdvice<double> DurationBuckets = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly Histogram<double> ProcessDuration = Meter.CreateHistogram("messaging.process.duration", "s", "Duration of processing a batch of records.", advice: DurationBuckets);

    private static readonly Histogram<double> OperationDuration = Meter.CreateHistogram("messaging.client.operation.duration", "s", "Duration of a client operation: send, poll, commit.", advice: DurationBuckets);

    public static void Processed(string topic, string group, TimeSpan duration)
    {
        var tags = Tags(MessagingTags.Process, topic);
        tags.Add(MessagingTags.ConsumerGroup, group);
        ProcessDuration.Record(duration.TotalSeconds, tags);
    }

    /// <summary>A client operation, one of <see cref="MessagingTags"/>; <paramref name="errorType"/> is null where it went well.</summary>
    public static void Operation(string operation, string topic, TimeSpan duration, string? errorType = null)
    {
        var tags = Tags(operation, topic);
        if (errorType is not null)
            tags.Add(MessagingTags.ErrorType, errorType);
        OperationDuration.Record(duration.TotalSeconds, tags);
    }

    private static TagList Tags(string operation, string topic) => new()
    {
        { MessagingTags.System, MessagingTags.Kafka },
        { MessagingTags.OperationName, operation },
        { MessagingTags.DestinationName, topic },
    };
}
