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
    private readonly DeltaComposer _composer;
    private readonly int _deltaPartitions;
    private readonly Dictionary<int, PartitionProgress> _partitions;
    private readonly RowScan _scan;
    private readonly RowDeltas _deltas;
    private readonly RowBatch _batch = new();
    private readonly MembershipReader _rows = new();
    private readonly Dictionary<PartitionProgress, long> _deltaEnds;

    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public RowReplay(ILog log, PipelineTopics topics, DeltaComposer composer, IEnumerable<PartitionProgress> partitions)
    {
        _composer = composer;
        _deltaPartitions = topics.PartitionCount;
        _partitions = partitions.ToDictionary(progress => progress.Partition.Partition);
        _deltas = new(CohortName.ReadAll(log, topics));
        _scan = RowScan.FromTheBeginning(log, topics);
        try
        {
            _deltaEnds = _partitions.Values.ToDictionary(progress => progress, progress => _scan.EndOffset(progress.Partition, Isolation.Uncommitted));
            _scan.ReadToEnd();
        }
        catch (LogUnavailableException)
        {
            Dispose();
            throw;
        }
    }

    public IEnumerable<PartitionProgress> Partitions => _partitions.Values;

    /// <summary>Everything was read, or nobody asks for it any more.</summary>
    public bool IsDone => _scan.IsDone || _partitions.Count == 0;

    /// <summary>How much of the rows was read, from 0 to 1.</summary>
    public double Share => _scan.Share;

    /// <summary>It reads the rows that were written while it read.</summary>
    public bool IsReadingLast { get; private set; }

    /// <summary>Reads on to what is the end now, once all deltas are decided that were there when it opened.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer; it is to be called again.</exception>
    public void ReadLast()
    {
        var decided = _partitions.Values.Select(progress => (Progress: progress, End: _scan.EndOffset(progress.Partition, Isolation.Committed))).ToArray();
        if (!Array.TrueForAll(decided, one => one.End >= _deltaEnds[one.Progress]))
            return;
        _scan.ReadToEnd();
        foreach (var (progress, end) in decided)
            progress.HoldAt(end);
        IsReadingLast = true;
    }

    /// <summary>The next rows, as many as there is room for.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    public void Poll(long now, DeliveryRoom room, TimeSpan wait) => _scan.Poll(
        (batch, index) =>
        {
            if (!room.AdmitsRow(batch.Records[index].Value.Length))
                return false;
            Take(batch, index, now);
            return true;
        },
        wait);

    /// <summary>The partition has gone to another owner, who starts it.</summary>
    public void Drop(PartitionProgress progress) => _partitions.Remove(progress.Partition.Partition);

    public void Dispose()
    {
        _deltas.Dispose();
        _scan.Dispose();
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
        _batch.Fill(new(record.Topic, record.Partition, record.Offset), profileKey, _deltas.Write(cohortId, profileKey, row, RowEvaluation.Of(row)));
        _composer.TakeRow(_batch, 0, progress, now);
    }
}
