using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

internal static partial class LogEvents
{
    [LoggerMessage(1100, LogLevel.Information, "{Partition} assigned to {TransactionalId}, reading from offset {Offset}")]
    public static partial void Assigned(ILogger logger, TopicPartition partition, long offset, string transactionalId);

    [LoggerMessage(1101, LogLevel.Information, "{Partition} given up by {TransactionalId}")]
    public static partial void Removed(ILogger logger, TopicPartition partition, string transactionalId);

    [LoggerMessage(1102, LogLevel.Warning, "{Count} partitions lost by {TransactionalId}: another member has them; the open transaction is aborted")]
    public static partial void Lost(ILogger logger, int count, string transactionalId);

    [LoggerMessage(1103, LogLevel.Warning, "{TransactionalId} waits for its log: {Reason} It goes on by itself; what is not committed is read again. (Times since this was said last: {Times})")]
    public static partial void Waiting(ILogger logger, string transactionalId, string reason, long times);

    [LoggerMessage(1105, LogLevel.Warning, "A transaction of {TransactionalId} was aborted; its records are read again")]
    public static partial void Aborted(ILogger logger, string transactionalId);

    [LoggerMessage(1106, LogLevel.Warning, "The outcome of a commit of {TransactionalId} is unknown; asking the log which commit stands")]
    public static partial void Unknown(ILogger logger, string transactionalId);

    [LoggerMessage(1107, LogLevel.Error, "{Partition}: the records from {Position} to {First} are gone (retention) before they were read; going on at {First}. Raise the topic's retention, or find out why this service was behind")]
    public static partial void OffsetGone(ILogger logger, TopicPartition partition, long position, long first);

    [LoggerMessage(1108, LogLevel.Critical, "Lane {TransactionalId} must not go on, and the service stops with it: {Reason}")]
    public static partial void Failed(ILogger logger, string transactionalId, string reason);
}
