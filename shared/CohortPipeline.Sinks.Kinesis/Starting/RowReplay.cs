using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Reads <c>memberships</c> once, from the first row to what was the end when it opened, and hands the rows of some
/// partitions of the deltas to the composer: each to the partition of its profile, as far as that one's start asks for it.
/// </summary>
/// <remarks>
/// A snapshot sends members. Rows of one key may follow each other, as long as nobody has compacted them: who was sent as a
/// member and has left is sent as that, too. So is whoever left since the start has begun: had this start begun before, then
/// it may have sent an enter that the row of now has overtaken.
/// </remarks>
internal sealed class RowReplay : IDisposable
{
    private const int BatchRowsMax = 500;

    private readonly DeltaComposer _composer;
    private readonly CohortNames _wanted;
    private readonly int _deltaPartitions;
    private readonly Dictionary<int, PartitionProgress> _partitions;
    private readonly ILogReader _reader;
    private readonly RowDeltas _deltas;
    private readonly RowBatch _batch = new();
    private readonly MembershipReader _rows = new();
    private readonly Dictionary<int, long> _missing = [];
    private readonly long[] _ends;
    private readonly long[] _positions;
    private readonly long[] _starts;

    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public RowReplay(ILog log, PipelineTopics topics, KinesisDestination destination, DeltaComposer composer, IEnumerable<PartitionProgress> partitions)
    {
        _composer = composer;
        _wanted = new(destination.Cohorts);
        _deltaPartitions = topics.PartitionCount;
        _partitions = partitions.ToDictionary(progress => progress.Partition.Partition);
        _deltas = new(CohortName.ReadAll(log, topics));
        _reader = log.OpenReader(new(topics.Named("sink-rows")));
        try
        {
            (_starts, _ends) = Assign(topics);
        }
        catch (LogUnavailableException)
        {
            Dispose();
            throw;
        }

        _positions = [.. _starts];
    }

    private (long[] Starts, long[] Ends) Assign(PipelineTopics topics)
    {
        TopicPartition[] read = [.. Enumerable.Range(0, topics.Memberships.PartitionCount).Select(partition => new TopicPartition(topics.Memberships.Name, partition))];
        long[] starts = [.. read.Select(_reader.FirstOffset)];
        long[] ends = [.. read.Select(partition => _reader.EndOffset(partition, Isolation.Uncommitted))];
        for (var partition = 0; partition < read.Length; partition++)
        {
            if (ends[partition] > starts[partition])
                _missing.Add(partition, ends[partition]);
        }

        _reader.Assign([.. read.Select((partition, place) => new PartitionPosition(partition.Topic, partition.Partition, starts[place]))]);
        return (starts, ends);
    }

    public IEnumerable<PartitionProgress> Partitions => _partitions.Values;

    /// <summary>Everything was read, or nobody asks for it any more.</summary>
    public bool IsDone => _missing.Count == 0 || _partitions.Count == 0;

    /// <summary>How much of the rows was read, from 0 to 1.</summary>
    public double Share => _ends.Sum() == _starts.Sum() ? 1 : (double)(_positions.Sum() - _starts.Sum()) / (_ends.Sum() - _starts.Sum());

    /// <summary>The next rows, as many as there is room for.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    public void Poll(long now, Predicate<long> hasRoom, TimeSpan wait)
    {
        var batch = _reader.Poll(BatchRowsMax, wait);
        var rest = new Dictionary<int, PartitionPosition>();
        for (var i = 0; i < batch.Records.Length; i++)
        {
            ref readonly var record = ref batch.Records[i];
            if (rest.ContainsKey(record.Partition))
                continue;
            if (!hasRoom(Intake.BytesFor(record.Value.Length)))
            {
                rest.Add(record.Partition, new(record.Topic, record.Partition, record.Offset));
                continue;
            }

            Take(record, batch.TimestampOf(i), now);
            Reach(record.Partition, record.Offset + 1);
        }

        foreach (var signal in batch.Signals)
        {
            if (!rest.ContainsKey(signal.Partition))
                Follow(signal, rest);
        }

        if (rest.Count > 0)
            _reader.Seek([.. rest.Values]);
    }

    /// <summary>The partition has gone to another owner, who starts it.</summary>
    public void Drop(PartitionProgress progress) => _partitions.Remove(progress.Partition.Partition);

    public void Dispose()
    {
        _deltas.Dispose();
        _reader.Dispose();
    }

    private void Follow(in PartitionSignal signal, Dictionary<int, PartitionPosition> rest)
    {
        if (signal.Kind == PartitionSignalKind.EndOfPartition)
            Reach(signal.Partition, signal.Offset);
        else
            rest.Add(signal.Partition, new(signal.Topic, signal.Partition, _reader.FirstOffset(new(signal.Topic, signal.Partition))));
    }

    private void Reach(int partition, long position)
    {
        _positions[partition] = Math.Min(_ends[partition], position);
        if (_missing.TryGetValue(partition, out var end) && position >= end)
            _missing.Remove(partition);
    }

    private void Take(in LogRecord record, long writtenAt, long now)
    {
        if (record.IsTombstone || !MembershipKey.TrySplit(record.Key, out var cohortId, out var profileKey) || !_wanted.Include(cohortId)
            || !_partitions.TryGetValue(Partitioner.PartitionOf(profileKey, _deltaPartitions), out var progress) || !_rows.TryRead(record.Value, out var row, out _))
        {
            return;
        }

        var isPastMark = progress.Start!.IsPastMark(record.Partition, record.Offset);
        var isAskedFor = progress.Start.IsSnapshot
            ? row.In || isPastMark || progress.Sent.Has(cohortId, profileKey)
            : writtenAt >= progress.Start.Since;
        if (!isAskedFor || progress.Sent.Covers(cohortId, profileKey, row.At, row.Version))
            return;
        progress.Sent.Add(cohortId, profileKey, row.At, row.Version, isPastMark);
        _batch.Fill(record, profileKey, _deltas.Write(cohortId, profileKey, row));
        _composer.TakeRow(_batch, 0, progress, now);
    }
}
