using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Evaluator;

internal static partial class LogEvents
{
    [LoggerMessage(3000, LogLevel.Information, "{Partition}: restored {Profiles} profiles and {Cohorts} definitions from the changelog up to commit {Sequence}; reading from offset {Offset}")]
    public static partial void Restored(ILogger logger, TopicPartition partition, int profiles, int cohorts, long sequence, long offset);

    [LoggerMessage(3001, LogLevel.Warning, "{Partition}: the record at offset {Offset} is none that this version reads and goes to the dead letters: {Reason}")]
    public static partial void BadActivity(ILogger logger, TopicPartition partition, long offset, string reason);

    [LoggerMessage(3002, LogLevel.Information, "{Partition}: change set {Change} applied at offset {Offset}: {Cohorts} definitions are live; profiles are being evaluated")]
    public static partial void ChangeSetApplied(ILogger logger, TopicPartition partition, string change, long offset, int cohorts);

    [LoggerMessage(3005, LogLevel.Information, "{Partition}: all {Profiles} profiles are under plan generation {Generation}")]
    public static partial void Swept(ILogger logger, TopicPartition partition, int generation, int profiles);

    [LoggerMessage(3003, LogLevel.Warning, "{Partition}: time stands still, since no watermark came from {Sources}: ingest must run for every configured source (docs/runbook.md)")]
    public static partial void SourcesMissing(ILogger logger, TopicPartition partition, string sources);

    [LoggerMessage(3004, LogLevel.Warning, "{Partition}: the group has no committed position; going on where the changelog says, at offset {Offset}")]
    public static partial void NoPosition(ILogger logger, TopicPartition partition, long offset);
}
