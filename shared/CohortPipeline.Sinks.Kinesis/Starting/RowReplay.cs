using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Reads <c>memberships</c> from the first row to what was the end when it opened, then to what is the end by then, and hands
/// the rows of some partitions of the deltas to the composer: each to the partition of its profile, as far as that one's
/// start asks for it.
/// </summary>
/// <remarks>
/// The second reading is a short one: it gives the rows of all deltas that are decided when it begins, and none behind these
/// is taken while it lasts. What was not decided when the start noted its marks is by then: so a delta behind has a row past
/// them. (Markers are written partition by partition: of the decided ends neither says anything of the other.)
/// A snapshot sends members. Rows of one key may follow each other, as long as nobody has compacted them: who was sent as a
/// member and has left is sent as that, too. So is whoever left since the start has begun: had this start begun before, then
/// it may have sent an enter that the row of now has overtaken.
/// </remarks>
internal sealed class RowReplay : IDisposable
{
    private const int BatchRowsMax = 500;

    private readonly DeltaComposer _composer;
    private readonly int _deltaPartitions;
    private readonly Dictionary<int, PartitionProgress> _partitions;
    private readonly ILogReader _reader;
    private readonly RowDeltas _deltas;
    private readonly RowBatch _batch = new();
    private readonly MembershipReader _rows = new();
    private readonly Dictionary<int, long> _missing = [];
    private readonly TopicPartition[] _read;
    private readonly long[] _starts;
    private readonly long[] _positions;
    private readonly Dictionary<PartitionProgress, long> _deltaEnds;
    private long[] _ends;

    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public RowReplay(ILog log, PipelineTopics topics, DeltaComposer composer, IEnumerable<PartitionProgress> partitions)
    {
        _composer = composer;
        _deltaPartitions = topics.PartitionCount;
        _partitions = partitions.ToDictionary(progress => progress.Partition.Partition);
        _deltas = new(CohortName.ReadAll(log, topics));
        _reader = log.OpenReader(new(topics.Named("sink-rows")));
        _read = [.. Enumerable.Range(0, topics.Memberships.PartitionCount).Select(partition => new TopicPartition(topics.Memberships.Name, partition))];
        try
        {
            _starts = [.. _read.Select(_reader.FirstOffset)];
            _positions = [.. _starts];
            _ends = [];
            _deltaEnds = _partitions.Values.ToDictionary(progress => progress, progress => _reader.EndOffset(progress.Partition, Isolation.Uncommitted));
            ReadToEnd();
        }
        catch (LogUnavailableException)
        {
            Dispose();
            throw;
        }

        _reader.Assign([.. _read.Select((partition, place) => new PartitionPosition(partition.Topic, partition.Partition, _starts[place]))]);
    }

    public IEnumerable<PartitionProgress> Partitions => _partitions.Values;

    /// <summary>Everything was read, or nobody asks for it any more.</summary>
    public bool IsDone => _missing.Count == 0 || _partitions.Count == 0;

    /// <summary>How much of the rows was read, from 0 to 1.</summary>
    public double Share => _ends.Sum() == _starts.Sum() ? 1 : Math.Min(1, (double)(_positions.Sum() - _starts.Sum()) / (_ends.Sum() - _starts.Sum()));

    /// <summary>It reads the rows that were written while it read.</summary>
    public bool IsReadingLast { get; private set; }

    /// <summary>Reads on to what is the end now, once all deltas are decided that were there when it opened.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer; it is to be called again.</exception>
    public void ReadLast()
    {
        var decided = _partitions.Values.Select(progress => (Progress: progress, End: _reader.EndOffset(progress.Partition, Isolation.Committed))).ToArray();
        if (!Array.TrueForAll(decided, one => one.End >= _deltaEnds[one.Progress]))
            return;
        ReadToEnd();
        foreach (var (progress, end) in decided)
            progress.HoldAt(end);
        IsReadingLast = true;
    }

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

            Take(batch, i, now);
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
        _positions[partition] = position;
        if (_missing.TryGetValue(partition, out var end) && position >= end)
            _missing.Remove(partition);
    }

    private void ReadToEnd()
    {
        _ends = [.. _read.Select(partition => _reader.EndOffset(partition, Isolation.Uncommitted))];
        for (var partition = 0; partition < _ends.Length; partition++)
        {
            if (_ends[partition] > _positions[partition])
                _missing[partition] = _ends[partition];
        }
    }

    private void Take(RecordBatch batch, int index, long now)
    {
        ref readonly var record = ref batch.Records[index];
        if (record.IsTombstone)
            return;

        // A key of no cohort is nobody's; the partition that it would lie in itself tells of it.
        var isOfCohort = MembershipKey.TrySplit(record.Key, out var cohortId, out var profileKey);
        if (!_partitions.TryGetValue(Partitioner.PartitionOf(isOfCohort ? profileKey : record.Key, _deltaPartitions), out var progress) || (isOfCohort && !progress.IsStarted(cohortId)))
            return;
        if (!isOfCohort)
            _composer.GiveUpRow(batch, index, progress, now, "the key is not a cohort's id, a slash and a profile key");
        else if (!_rows.TryRead(record.Value, out var row, out var error))
            _composer.GiveUpRow(batch, index, progress, now, error);
        else
            Take(record, cohortId, profileKey, row, progress, batch.TimestampOf(index), now);
    }

    private void Take(in LogRecord record, ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, in MembershipRow row, PartitionProgress progress, long writtenAt, long now)
    {
        var isAskedFor = progress.Start!.IsSnapshot
            ? row.In || progress.Start.IsPastMark(record.Partition, record.Offset) || progress.Sent.Has(cohortId, profileKey)
            : writtenAt >= progress.Start.Since;
        if (!isAskedFor || progress.Sent.Covers(cohortId, profileKey, row.At, row.Version))
            return;
        progress.Sent.Add(cohortId, profileKey, row.At, row.Version);
        _batch.Fill(record, profileKey, _deltas.Write(cohortId, profileKey, row));
        _composer.TakeRow(_batch, 0, progress, now);
    }
}
