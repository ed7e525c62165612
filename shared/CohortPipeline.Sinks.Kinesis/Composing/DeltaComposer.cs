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

    public sealed override void Take(RecordBatch batch, int index, PartitionProgress progress, long now)
    {
        ref readonly var record = ref batch.Records[index];
        var sequence = progress.Take(record.Offset, now);
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
        if (!isWanted)
            progress.Filter(sequence);
        Compose(batch, index, delta, isWanted, progress, sequence, now);
    }

    /// <summary>A delta, which is settled already where it <paramref name="isWanted"/> not.</summary>
    private protected abstract void Compose(RecordBatch batch, int index, in Delta delta, bool isWanted, PartitionProgress progress, long sequence, long now);
}

/// <summary>The ids of a selection as UTF-8, so that looking one up makes no text.</summary>
internal sealed class CohortNames(CohortSelection selection)
{
    private const int IdCharactersMax = 256;

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _ids =
        new HashSet<string>(selection.Ids, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Include(ReadOnlySpan<byte> id)
    {
        if (selection.IsAll)
            return true;
        Span<char> text = stackalloc char[IdCharactersMax];
        return id.Length <= IdCharactersMax && _ids.Contains(text[..System.Text.Encoding.UTF8.GetChars(id, text)]);
    }
}
