namespace CohortPipeline.Log;

/// <summary>
/// The transactional writer of one id. The first append begins a transaction; commit and abort end it. What is appended is
/// copied and becomes visible with the commit, all of it or nothing. One thread uses it.
/// </summary>
public interface ILogWriter : IDisposable
{
    string TransactionalId { get; }

    /// <summary>True from the first append after a commit or abort.</summary>
    bool InTransaction { get; }

    /// <summary>A topic to append to; asks the log once how many partitions it has.</summary>
    /// <exception cref="LogException">There is no such topic.</exception>
    OutputTopic Topic(string name);

    /// <summary>
    /// Appends a record. <paramref name="partition"/> is explicit (see <see cref="OutputTopic.PartitionOf"/>). A null key or
    /// value is said by <see cref="Bytes.Null"/>. Records of one partition keep the order of the calls, with headers or without.
    /// </summary>
    /// <exception cref="FencedException">Another writer has this id now.</exception>
    void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null);

    /// <summary>
    /// Commits what was appended together with positions of <paramref name="reader"/>'s group, of partitions it owns; an
    /// empty commit is an error. A reader may be left out where no positions are committed.
    /// </summary>
    CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions);

    /// <summary>Gives up what was appended. Only sure outcomes are returned: <see cref="CommitOutcome.Aborted"/>, <see cref="CommitOutcome.Fenced"/>, or <see cref="CommitOutcome.Unknown"/>.</summary>
    CommitOutcome Abort();
}

/// <summary>How a transaction ended.</summary>
public enum CommitOutcome
{
    Committed,

    /// <summary>Surely nothing of it will be seen. Drop what was derived, go back to the committed positions, read again.</summary>
    Aborted,

    /// <summary>
    /// Nobody can say yet. Dispose of the writer, open one with the same id (which decides it), and look at what the group
    /// has committed: it is this transaction's or an older one's.
    /// </summary>
    Unknown,

    /// <summary>Somebody else writes under this id, or owns the partitions: stop.</summary>
    Fenced,
}

/// <summary>A topic to append to, and its partitioning.</summary>
public abstract class OutputTopic(string name, int partitionCount)
{
    public string Name { get; } = name;

    public int PartitionCount { get; } = partitionCount;

    /// <summary>The partition of a key as Java's producer computes it: murmur2, sign bit cleared, modulo the count.</summary>
    public int PartitionOf(ReadOnlySpan<byte> key) => Contracts.Partitioner.PartitionOf(key, PartitionCount);
}

/// <summary>Bytes that may be absent; absent and empty are different things in a log.</summary>
public readonly ref struct Bytes
{
    private Bytes(ReadOnlySpan<byte> span, bool isNull)
    {
        Span = span;
        IsNull = isNull;
    }

    public static Bytes Null => new(default, isNull: true);

    public ReadOnlySpan<byte> Span { get; }

    public bool IsNull { get; }

    public static implicit operator Bytes(ReadOnlySpan<byte> span) => new(span, isNull: false);

    public static implicit operator Bytes(byte[]? array) => array is null ? Null : new(array, isNull: false);

    public static Bytes From(ReadOnlySpan<byte> span) => new(span, isNull: false);
}

/// <summary>
/// What a record has beside key and value: headers, in order, as owned copies, and perhaps a timestamp of its own. Only the few
/// records that carry trace context or a dead letter's reasons have headers, and only those published from a file a timestamp.
/// </summary>
public sealed class RecordHeaders
{
    private readonly List<(string Name, byte[]? Value)> _headers = [];

    public int Count => _headers.Count;

    /// <summary>The record's timestamp, epoch milliseconds, from 1 up (Kafka takes 0 for none, so 0 is written as 1); null: the time of writing, as for everything that is ours.</summary>
    public long? Timestamp { get; set; }

    /// <summary>True if there is neither a header nor a timestamp.</summary>
    public bool IsEmpty => Count == 0 && Timestamp is null;

    public (string Name, byte[]? Value) this[int index] => _headers[index];

    public RecordHeaders Add(string name, ReadOnlySpan<byte> value)
    {
        _headers.Add((name, value.ToArray()));
        return this;
    }

    public RecordHeaders AddNull(string name)
    {
        _headers.Add((name, null));
        return this;
    }

    public RecordHeaders Add(string name, string value) => Add(name, System.Text.Encoding.UTF8.GetBytes(value));

    public void Clear()
    {
        _headers.Clear();
        Timestamp = null;
    }
}
