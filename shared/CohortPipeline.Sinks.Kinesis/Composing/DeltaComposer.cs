using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Composers of deltas: those of the cohorts and directions that the destination asks for.</summary>
public abstract class DeltaComposer : RecordComposer
{
    private readonly DeltaReader _reader = new();
    private readonly CohortNames _cohorts;

    private protected DeltaComposer(KinesisDestination destination, ComposerSeams seams)
        : base(destination, seams) =>
        _cohorts = new(destination.Cohorts);

    public sealed override void Take(RecordBatch batch, int index, PartitionProgress progress, long now) =>
        Take(batch, index, progress, progress.Take(batch.Records[index].Offset, batch.TimestampOf(index), now), now);

    /// <summary>Takes what a start sends: a delta made of a row of <c>memberships</c>.</summary>
    public void TakeRow(RecordBatch batch, int index, PartitionProgress progress, long now) =>
        Take(batch, index, progress, progress.TakeRow(now), now);

    /// <summary>Takes a change that a sync tells: a delta made of a row of <c>memberships</c>.</summary>
    /// <param name="batch">Has it.</param>
    /// <param name="index">Where.</param>
    /// <param name="progress">Of the partition of its profile.</param>
    /// <param name="number">The change's number, in the place of an offset.</param>
    /// <param name="at">Its instant, epoch milliseconds.</param>
    /// <param name="now">Milliseconds of the caller's clock.</param>
    public void TakeChange(RecordBatch batch, int index, PartitionProgress progress, long number, long at, long now) =>
        Take(batch, index, progress, progress.Take(number, at, now), now);

    /// <summary>A row of <c>memberships</c> that cannot be read.</summary>
    public void GiveUpRow(RecordBatch batch, int index, PartitionProgress progress, long now, string error) =>
        GiveUp(progress, progress.TakeRow(now), RecordCopy.Of(batch, index), DeadLetterReason.BadActivity, $"the row cannot be read: {error}");

    private void Take(RecordBatch batch, int index, PartitionProgress progress, long sequence, long now)
    {
        ref readonly var record = ref batch.Records[index];
        if (!_reader.TryRead(record.Value, out var delta, out var error))
        {
            GiveUp(progress, sequence, RecordCopy.Of(batch, index), DeadLetterReason.BadActivity, error);
            return;
        }

        var isWanted = _cohorts.Include(delta.CohortId) && Destination.Changes switch
        {
            ChangeSelection.Enters => delta.Change == MembershipChange.Enter,
            ChangeSelection.Exits => delta.Change == MembershipChange.Exit,
            _ => true,
        };
        isWanted &= PartitionProgress.IsRow(sequence) || !IsOfStart(progress, record, delta);
        if (!isWanted)
            progress.Filter(sequence);
        Compose(batch, index, delta, isWanted, progress, sequence, now);
    }

    /// <summary>The start of the partition sends the same change, or has sent it or a newer one.</summary>
    private static bool IsOfStart(PartitionProgress progress, in LogRecord record, in Delta delta) =>
        progress.Withholds(delta.CohortId, record.Offset) || progress.Sent.Covers(delta.CohortId, record.Key, delta.At, delta.Version);

    /// <summary>A delta, which is settled already where it <paramref name="isWanted"/> not.</summary>
    private protected abstract void Compose(RecordBatch batch, int index, in Delta delta, bool isWanted, PartitionProgress progress, long sequence, long now);
}
