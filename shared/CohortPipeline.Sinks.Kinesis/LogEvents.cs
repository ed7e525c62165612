using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

internal static partial class LogEvents
{
    [LoggerMessage(5100, LogLevel.Information, "Destination {Destination} delivers {Partition} from offset {Offset}")]
    public static partial void Assigned(ILogger logger, string destination, TopicPartition partition, long offset);

    [LoggerMessage(5101, LogLevel.Information, "Destination {Destination} gives {Partition} up; {Unsettled} records in hand go to its next owner")]
    public static partial void Removed(ILogger logger, string destination, TopicPartition partition, int unsettled);

    [LoggerMessage(5102, LogLevel.Warning, "Destination {Destination} is parked: {Reason}. It is tried again with back-off, and nothing is lost meanwhile")]
    public static partial void Parked(ILogger logger, string destination, string reason);

    [LoggerMessage(5103, LogLevel.Information, "Destination {Destination} is live")]
    public static partial void IsLive(ILogger logger, string destination);

    [LoggerMessage(5104, LogLevel.Warning, "Destination {Destination} waits for the log: {Reason} It goes on by itself. (Times since this was said last: {Times})")]
    public static partial void LogUnavailable(ILogger logger, string destination, string reason, long times);

    [LoggerMessage(5105, LogLevel.Error, "Destination {Destination}: {Partition}: the records from {Position} on are gone (retention) before they were delivered; going on at {Next}{How}. Raise the topic's retention, and find out why the destination was behind")]
    public static partial void OffsetGone(ILogger logger, string destination, TopicPartition partition, long position, long next, string how);

    [LoggerMessage(5106, LogLevel.Warning, "Destination {Destination}: a commit with {Count} dead letters of {Partition} does not stand yet ({Outcome}); it is looked at, and done again where it has failed")]
    public static partial void CommitRepeated(ILogger logger, string destination, int count, TopicPartition partition, CommitOutcome outcome);

    [LoggerMessage(5107, LogLevel.Information, "Assumed a session that ends at {ExpiresAt:O}")]
    public static partial void SessionAssumed(ILogger logger, DateTimeOffset expiresAt);

    [LoggerMessage(5108, LogLevel.Warning, "The session could not be renewed: {Reason}. The present one goes on until it ends; trying again")]
    public static partial void RenewalFailed(ILogger logger, string reason);

    [LoggerMessage(5110, LogLevel.Information, "Destination {Destination} starts {Partitions} partitions: {What}")]
    public static partial void Starting(ILogger logger, string destination, string what, int partitions);

    [LoggerMessage(5111, LogLevel.Information, "Destination {Destination} has started {Partition}: deltas follow from offset {Offset}")]
    public static partial void Started(ILogger logger, string destination, TopicPartition partition, long offset);

    [LoggerMessage(5112, LogLevel.Information, "Destination {Destination} tells {Partition}'s changes up to the boundary {Boundary}")]
    public static partial void Planned(ILogger logger, string destination, TopicPartition partition, string boundary);

    [LoggerMessage(5109, LogLevel.Warning, "Destination {Destination} drained incompletely: {Requests} requests had no answer in time; what they hold may be repeated")]
    public static partial void DrainedIncompletely(ILogger logger, string destination, int requests);
}
