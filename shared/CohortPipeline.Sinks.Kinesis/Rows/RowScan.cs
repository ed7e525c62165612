using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Takes a row; false where there is no room for it: it is read again later, and its partition with it.</summary>
internal delegate bool RowTaker(RecordBatch batch, int index);

/// <summary>Reads all partitions of <c>memberships</c> side by side, each from a position on, up to ends that may be moved on. One thread uses it.</summary>
internal sealed class RowScan : IDisposable
{
    private const int BatchRowsMax = 500;

    private readonly ILogReader _reader;
    private readonly TopicPartition[] _partitions;
    private readonly long[] _starts;
    private readonly long[] _positions;
    private readonly Dictionary<int, long> _missing = [];
    private readonly Dictionary<int, PartitionPosition> _again = [];
    private readonly HashSet<int> _gone = [];
    private IReadOnlyList<long> _ends = [];

    /// <param name="log">The log.</param>
    /// <param name="topics">The topics' names.</param>
    /// <param name="from">Where each partition is read from, as far as it still holds that.</param>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public RowScan(ILog log, PipelineTopics topics, IReadOnlyList<long> from)
    {
        _reader = log.OpenReader(new(topics.Named("sink-rows")));
        _partitions = [.. Enumerable.Range(0, topics.Memberships.PartitionCount).Select(partition => new TopicPartition(topics.Memberships.Name, partition))];
        try
        {
            _starts = [.. _partitions.Select(partition => Math.Max(from[partition.Partition], _reader.FirstOffset(partition)))];
            _positions = [.. _starts];
            _reader.Assign([.. _partitions.Select(partition => new PartitionPosition(partition.Topic, partition.Partition, _starts[partition.Partition]))]);
        }
        catch (LogUnavailableException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Everything before the ends was read.</summary>
    public bool IsDone => _missing.Count == 0;

    /// <summary>How much was read, from 0 to 1.</summary>
    public double Share => _ends.Sum() <= _starts.Sum() ? 1 : Math.Min(1, (double)(_positions.Sum() - _starts.Sum()) / (_ends.Sum() - _starts.Sum()));

    /// <summary>Where each partition is read next: everything before was handed out, or is gone.</summary>
    public IReadOnlyList<long> Positions => _positions;

    /// <summary>From every partition's first row.</summary>
    public static RowScan FromTheBeginning(ILog log, PipelineTopics topics) => new(log, topics, new long[topics.Memberships.PartitionCount]);

    /// <summary>Reads on to these ends.</summary>
    public void ReadTo(IReadOnlyList<long> ends)
    {
        _ends = ends;
        for (var partition = 0; partition < ends.Count; partition++)
        {
            if (ends[partition] > _positions[partition])
                _missing[partition] = ends[partition];
        }
    }

    /// <summary>Reads on to what are the ends now, decided or not.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public void ReadToEnd() => ReadTo([.. _partitions.Select(partition => EndOffset(partition, Isolation.Uncommitted))]);

    /// <inheritdoc cref="ILogReader.EndOffset"/>
    public long EndOffset(TopicPartition partition, Isolation isolation) => _reader.EndOffset(partition, isolation);

    /// <summary>Hands out the next rows, as many as are taken. Some may lie behind the ends.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    public void Poll(RowTaker take, TimeSpan wait)
    {
        var batch = _reader.Poll(BatchRowsMax, wait);
        for (var i = 0; i < batch.Records.Length; i++)
        {
            ref readonly var record = ref batch.Records[i];
            if (_again.ContainsKey(record.Partition))
                continue;
            if (take(batch, i))
                Reach(record.Partition, record.Offset + 1);
            else
                _again.Add(record.Partition, new(record.Topic, record.Partition, record.Offset));
        }

        foreach (var signal in batch.Signals)
        {
            if (!_again.ContainsKey(signal.Partition))
                Follow(signal);
        }

        GoOn();
        if (_again.Count == 0)
            return;
        _reader.Seek([.. _again.Values]);
        _again.Clear();
    }

    public void Dispose() => _reader.Dispose();

    private void Follow(in PartitionSignal signal)
    {
        if (signal.Kind == PartitionSignalKind.EndOfPartition)
            Reach(signal.Partition, signal.Offset);
        else
            _gone.Add(signal.Partition);
    }

    /// <summary>A partition stays among those that are gone until the log has answered where it goes on.</summary>
    private void GoOn()
    {
        foreach (var partition in _gone)
        {
            _again[partition] = new(_partitions[partition].Topic, partition, _reader.FirstOffset(_partitions[partition]));
            _gone.Remove(partition);
        }
    }

    private void Reach(int partition, long position)
    {
        _positions[partition] = Math.Max(_positions[partition], position);
        if (_missing.TryGetValue(partition, out var end) && position >= end)
            _missing.Remove(partition);
    }
}
