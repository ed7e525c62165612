using CohortPipeline.Contracts;

namespace CohortPipeline.Log;

/// <summary>
/// A log of topics and partitions, the only thing that services share. Two implementations stand behind this contract
/// (Kafka and an embedded one on SQLite); one compliance suite says what both must do.
/// </summary>
/// <remarks>
/// Readers and writers belong to the thread that uses them; <see cref="ILog"/> and <see cref="ILogAdmin"/> may be shared.
/// Operating errors that a caller can act on are values (<see cref="CommitOutcome"/>, <see cref="PartitionSignal"/>);
/// <see cref="LogUnavailableException"/> says that the log did not answer in time, or has no room: wait with back-off and try again.
/// </remarks>
public interface ILog : IAsyncDisposable
{
    ILogAdmin Admin { get; }

    /// <summary>Below what a topic takes that nobody has configured (Kafka's <c>max.message.bytes</c>).</summary>
    const int BatchBytesAnyTopicTakes = 1_000_000;

    /// <summary>What a topic takes that the pipeline has created.</summary>
    const int BatchBytesOurTopicsTake = TopicSpec.DefaultRecordBytesMax;

    /// <summary>Opens a reader. Nothing is read before it subscribes or is assigned partitions.</summary>
    ILogReader OpenReader(ReaderOptions options);

    /// <summary>
    /// Opens the writer of a transactional id. It fences an older writer of the same id and ends the transaction that one
    /// left open. Blocks until the log has answered.
    /// </summary>
    /// <param name="batchBytesMax">Records that a log may send at once; no topic that is written may take less.</param>
    /// <exception cref="LogUnavailableException">The log did not answer within its time-out.</exception>
    ILogWriter OpenWriter(string transactionalId, int batchBytesMax = BatchBytesAnyTopicTakes);
}

/// <summary>How a reader reads. A reader always sees committed records alone.</summary>
/// <param name="Group">Consumer group whose positions it uses; with <see cref="ILogReader.Assign"/> it only names the reader.</param>
/// <param name="InstanceId">Name of a static member, stable across restarts; null for a dynamic one.</param>
public sealed record ReaderOptions(string Group, string? InstanceId = null)
{
    /// <summary>True for a reader that reads partitions to their ends and goes: it hears of an end soon, at the price of asking the log more often.</summary>
    public bool ReadsToEnd { get; init; }
}

/// <summary>What records a look at a partition's end counts in.</summary>
public enum Isolation
{
    /// <summary>The last stable offset: everything before it is decided.</summary>
    Committed,

    /// <summary>The high watermark, open transactions included.</summary>
    Uncommitted,
}

/// <summary>The log did not answer in time, cannot be reached, or has no room left. Nothing is known to be lost: wait and try again.</summary>
public sealed class LogUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The log refuses for good: a missing topic, a wrong setting, missing rights, a damaged file.</summary>
public sealed class LogException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another writer of the same transactional id has taken over, or the log gave this one up. The owner must stop or open anew.</summary>
public sealed class FencedException(string message, Exception? inner = null) : Exception(message, inner);
