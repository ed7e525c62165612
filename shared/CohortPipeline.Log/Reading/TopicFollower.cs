namespace CohortPipeline.Log;

/// <summary>What a reader of whole topics does with a record; the record is borrowed for the call.</summary>
public delegate void RecordAction(in LogRecord record);

/// <summary>
/// Reads whole topics from their first offsets, outside of any group: to what was their end when it opened, then on as
/// records come. The rule for a compacted topic: the end is asked as <see cref="Isolation.Uncommitted"/> and the reading has
/// got there when its position has, so that a transaction still being decided is waited for and never missed.
/// </summary>
/// <remarks>One thread uses it.</remarks>
public sealed class TopicFollower : IDisposable
{
    private const int BatchRecordsMax = 1_000;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private readonly ILogReader _reader;
    private readonly Dictionary<TopicPartition, long> _missing = [];

    /// <summary>Partitions whose next records are gone, until the log has answered where they go on.</summary>
    private readonly HashSet<TopicPartition> _gone = [];

    /// <summary>Opens the follower at the first offset of every partition of <paramref name="topics"/>.</summary>
    /// <exception cref="LogException">One of the topics does not exist.</exception>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public static async Task<TopicFollower> OpenAsync(ILog log, string name, IReadOnlyList<string> topics, CancellationToken cancellation)
    {
        var partitions = new List<TopicPartition>();
        foreach (var topic in topics)
        {
            var description = await log.Admin.DescribeAsync(topic, cancellation) ?? throw new LogException($"there is no topic {topic}");
            partitions.AddRange(Enumerable.Range(0, description.PartitionCount).Select(partition => new TopicPartition(topic, partition)));
        }

        var reader = log.OpenReader(new(name));
        try
        {
            return new(reader, partitions);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Reads the topics from their first records to what is their end now, once.</summary>
    public static async Task ReadToEndAsync(ILog log, string name, IReadOnlyList<string> topics, RecordAction apply, CancellationToken cancellation)
    {
        using var follower = await OpenAsync(log, name, topics, cancellation);
        while (!follower.IsCaughtUp)
        {
            cancellation.ThrowIfCancellationRequested();
            follower.Poll(apply, PollWait);
        }
    }

    private TopicFollower(ILogReader reader, List<TopicPartition> partitions)
    {
        _reader = reader;
        var starts = partitions.ConvertAll(partition => new PartitionPosition(partition.Topic, partition.Partition, reader.FirstOffset(partition)));
        foreach (var start in starts)
        {
            var end = reader.EndOffset(start.TopicPartition, Isolation.Uncommitted);
            if (end > start.Offset)
                _missing.Add(start.TopicPartition, end);
        }

        reader.Assign(starts);
    }

    /// <summary>True once everything that was there when it opened has been read.</summary>
    public bool IsCaughtUp => _missing.Count == 0;

    /// <summary>Applies the next records; answers how many there were.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    public int Poll(RecordAction apply, TimeSpan timeout) => Poll(
        batch =>
        {
            foreach (ref readonly var record in batch.Records)
                apply(record);
        },
        timeout);

    /// <summary>Hands over the next records with their headers and timestamps; answers how many there were.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    public int Poll(Action<RecordBatch> apply, TimeSpan timeout)
    {
        GoOn();
        var batch = _reader.Poll(BatchRecordsMax, timeout);
        if (batch.Records.Length > 0)
            apply(batch);
        foreach (ref readonly var record in batch.Records)
            Reach(new(record.Topic, record.Partition), record.Offset + 1);
        var count = batch.Records.Length;
        foreach (var signal in batch.Signals)
        {
            if (signal.Kind == PartitionSignalKind.OffsetGone)
                _gone.Add(new(signal.Topic, signal.Partition));
            else
                Reach(new(signal.Topic, signal.Partition), signal.Offset);
        }

        return count;
    }

    /// <summary>Where records are gone, on to the first that there is.</summary>
    private void GoOn()
    {
        if (_gone.Count == 0)
            return;
        _reader.Seek([.. _gone.Select(partition => new PartitionPosition(partition.Topic, partition.Partition, _reader.FirstOffset(partition)))]);
        _gone.Clear();
    }

    public void Dispose() => _reader.Dispose();

    private void Reach(TopicPartition partition, long position)
    {
        if (_missing.Count > 0 && _missing.TryGetValue(partition, out var end) && position >= end)
            _missing.Remove(partition);
    }
}
