using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka;

/// <summary>Everything this library logs; ids are stable.</summary>
internal static partial class LogEvents
{
    private const int SyslogCritical = 2;
    private const int SyslogWarning = 4;
    private const int SyslogInformation = 6;

    /// <summary>librdkafka's word for settings that do not concern this kind of client; one set of settings serves all kinds.</summary>
    private const string ConfigurationWarning = "CONFWARN";

    public static void Librdkafka(ILogger logger, int severity, string facility, string text)
    {
        var level = LevelOf(severity, facility);
        Librdkafka(logger, level, facility, text);
    }

    private static LogLevel LevelOf(int severity, string facility) => severity switch
    {
        _ when facility == ConfigurationWarning => LogLevel.Debug,
        <= SyslogCritical => LogLevel.Error,
        <= SyslogWarning => LogLevel.Warning,
        <= SyslogInformation => LogLevel.Information,
        _ => LogLevel.Debug,
    };

    [LoggerMessage(EventId = 1001, Message = "librdkafka {Facility}: {Text}")]
    private static partial void Librdkafka(ILogger logger, LogLevel level, string facility, string text);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Kafka client error {Code}: {Text}. The client goes on by itself; if this lasts, look at the brokers")]
    public static partial void ClientError(ILogger logger, int code, string text);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "group {Group}: assigned {Partitions}")]
    public static partial void Assigned(ILogger logger, string group, IEnumerable<TopicPartition> partitions);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "group {Group}: revoked {Partitions}")]
    public static partial void Revoked(ILogger logger, string group, IEnumerable<TopicPartition> partitions);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning, Message = "group {Group}: lost {Partitions}; other members have them already")]
    public static partial void Lost(ILogger logger, string group, IEnumerable<TopicPartition> partitions);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "group {Group}: this member had not polled within max.poll.interval.ms and was taken out; it joins again")]
    public static partial void PollIntervalExceeded(ILogger logger, string group);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "reading {Topic}/{Partition}: {Text} ({Code}); the client tries again")]
    public static partial void ReadDisturbed(ILogger logger, string topic, int partition, int code, string text);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Information, Message = "transactional id {TransactionalId} is this writer's; an open transaction of an earlier one is ended")]
    public static partial void WriterOpened(ILogger logger, string transactionalId);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Warning, Message = "transaction of {TransactionalId} aborted: {Reason}. What was read for it will be read again")]
    public static partial void TransactionAborted(ILogger logger, string transactionalId, string reason);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Warning, Message = "{Step} of {TransactionalId}: the outcome is unknown: {Reason}. A new writer of the same id decides it")]
    public static partial void OutcomeUnknown(ILogger logger, string step, string transactionalId, string reason);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Warning, Message = "{TransactionalId} is fenced: {Reason}. Another writer has this id now, or the broker gave this one up")]
    public static partial void WriterFenced(ILogger logger, string transactionalId, string reason);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Information, Message = "topic {Topic} created: {Partitions} partitions, cleanup.policy={Cleanup}")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions, string cleanup);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "reading {Topic}/{Partition}: the offset asked for is not there any more, or never was")]
    public static partial void OffsetGone(ILogger logger, string topic, int partition);
}
