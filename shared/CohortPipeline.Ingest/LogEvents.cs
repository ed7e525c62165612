using Microsoft.Extensions.Logging;

namespace CohortPipeline.Ingest;

internal static partial class LogEvents
{
    [LoggerMessage(2000, LogLevel.Warning, "The ends of source topic {Topic} could not be asked: {Reason}. Timers wait until they can be; asking again")]
    public static partial void EndsUnknown(ILogger logger, string topic, string reason);

    [LoggerMessage(2001, LogLevel.Warning, "{Count} records went to dead letters, the first ({Topic}/{Partition}@{Offset}) as {Reason}: {Detail}. Their reasons stand in the headers of the topic dead-letters (docs/runbook.md)")]
    public static partial void DeadLettered(ILogger logger, int count, string topic, int partition, long offset, string reason, string detail);

    [LoggerMessage(2002, LogLevel.Warning, "{Count} records are stamped ahead of this machine's clock, the first ({Topic}/{Partition}@{Offset}) by {Ahead}; their time is taken as now. Check the clocks of their producers and of this machine")]
    public static partial void ClockAhead(ILogger logger, int count, string topic, int partition, long offset, TimeSpan ahead);
}
