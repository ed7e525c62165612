using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary><c>amplitude-cohort</c> with one user a record.</summary>
public sealed class AmplitudeUserComposer(KinesisDestination destination, ComposerSeams seams) : DeltaComposer(destination, seams)
{
    private protected override void Compose(RecordBatch batch, int index, in Delta delta, bool isWanted, PartitionProgress progress, long sequence, long now)
    {
        if (!isWanted)
            return;
        var profileKey = batch.Records[index].Key;
        if (!TryKey(Identifiers is null ? default : Identifiers.Of(delta), profileKey, out var key))
        {
            GiveUpWithoutIdentifier(progress, sequence, RecordCopy.Of(batch, index));
            return;
        }

        var trace = TraceOf(batch, index);
        AmplitudeCohortPayload.Write(Payload.Start(), delta, TraceParent(trace));
        if (!TryEmit(key, profileKey, progress, [sequence], trace, delta.At))
            GiveUpTooLarge(progress, sequence, RecordCopy.Of(batch, index), Payload.Written.Length + key.Length);
    }
}
