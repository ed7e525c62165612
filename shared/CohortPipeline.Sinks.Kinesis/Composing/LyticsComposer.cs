using System.Runtime.InteropServices;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// <c>lytics-trigger</c>: the parts of one evaluation of a user, which lie behind one another in the topic, become one record.
/// </summary>
public sealed class LyticsComposer(KinesisDestination destination, ComposerSeams seams) : DeltaComposer(destination, seams)
{
    /// <summary>What a record has around its changes.</summary>
    private const int MembersBytes = 512;

    private readonly LyticsTriggerPayload _payload = new(destination.Id);
    private readonly DeltaReader _reader = new();
    private readonly Dictionary<PartitionProgress, Evaluation> _open = [];
    private long _heldBytes;

    public override long HeldBytes => _heldBytes;

    public override bool IsWaitingFor(PartitionProgress progress) => _open.ContainsKey(progress);

    public override void Drop(PartitionProgress progress)
    {
        if (_open.Remove(progress, out var evaluation))
            _heldBytes -= evaluation.Bytes;
    }

    private protected override void Compose(RecordBatch batch, int index, in Delta delta, bool isWanted, PartitionProgress progress, long sequence, long now)
    {
        var profileKey = batch.Records[index].Key;
        if (PartitionProgress.IsRow(sequence))
        {
            if (isWanted)
                Send(EvaluationOf(batch, index, delta, progress, sequence));
            return;
        }

        if (_open.TryGetValue(progress, out var evaluation) && !evaluation.IsOf(profileKey, delta))
        {
            // Its last parts are not in the topic any more: the log begins or was cut in mid-evaluation.
            Close(evaluation);
            Send(evaluation);
            evaluation = null;
        }

        if (isWanted)
        {
            evaluation ??= Open(progress, profileKey, delta);
            var copy = RecordCopy.Of(batch, index);
            evaluation.Add(copy, sequence, TraceOf(batch, index));
            _heldBytes += copy.Value!.Length;
        }

        if (evaluation is null || delta.Part < delta.Parts)
            return;
        Close(evaluation);
        Send(evaluation);
    }

    private Evaluation Open(PartitionProgress progress, ReadOnlySpan<byte> profileKey, in Delta delta)
    {
        var evaluation = new Evaluation(progress, profileKey.ToArray(), delta.At, delta.ComputedAt);
        _open.Add(progress, evaluation);
        _heldBytes += evaluation.Bytes;
        return evaluation;
    }

    /// <summary>A row is an evaluation by itself; what is open of the partition's deltas stays so.</summary>
    private static Evaluation EvaluationOf(RecordBatch batch, int index, in Delta delta, PartitionProgress progress, long sequence)
    {
        var evaluation = new Evaluation(progress, batch.Records[index].Key.ToArray(), delta.At, delta.ComputedAt);
        evaluation.Add(RecordCopy.Of(batch, index), sequence, trace: default);
        return evaluation;
    }

    private void Close(Evaluation evaluation)
    {
        _open.Remove(evaluation.Progress);
        _heldBytes -= evaluation.Bytes;
    }

    private void Send(Evaluation evaluation)
    {
        var values = evaluation.Changes.ConvertAll(change => change.Value!);
        if (!TryKey(IdentifierOf(values), evaluation.ProfileKey, out var key))
        {
            for (var i = 0; i < values.Count; i++)
                GiveUpWithoutIdentifier(evaluation.Progress, evaluation.Sequences[i], evaluation.Changes[i]);
            return;
        }

        _payload.Write(Payload.Start(), values, TraceParent(evaluation.Trace));
        if (TryEmit(key, evaluation.ProfileKey, evaluation.Progress, CollectionsMarshal.AsSpan(evaluation.Sequences), evaluation.Trace, evaluation.At))
            return;
        var bytes = Payload.Written.Length + key.Length;
        for (var i = 0; i < values.Count; i++)
            GiveUpTooLarge(evaluation.Progress, evaluation.Sequences[i], evaluation.Changes[i], bytes);
    }

    /// <summary>Of the first change whose cohort exports it.</summary>
    private ReadOnlySpan<byte> IdentifierOf(List<byte[]> values)
    {
        if (Identifiers is null)
            return default;
        foreach (var value in values)
        {
            if (!_reader.TryRead(value, out var delta, out _))
                continue;
            var identifier = Identifiers.Of(delta);
            if (!identifier.IsEmpty)
                return identifier.ToArray();
        }

        return default;
    }

    /// <summary>The changes of one evaluation that the destination asks for, until its last part has come.</summary>
    private sealed class Evaluation(PartitionProgress progress, byte[] profileKey, long at, long computedAt)
    {
        public PartitionProgress Progress { get; } = progress;

        public byte[] ProfileKey { get; } = profileKey;

        public long At { get; } = at;

        public List<RecordCopy> Changes { get; } = [];

        public List<long> Sequences { get; } = [];

        public System.Diagnostics.ActivityContext Trace { get; private set; }

        public int Bytes { get; private set; } = OutboundRecord.OverheadBytes + MembersBytes;

        public bool IsOf(ReadOnlySpan<byte> key, in Delta delta) => delta.At == At && delta.ComputedAt == computedAt && key.SequenceEqual(ProfileKey);

        public void Add(RecordCopy change, long sequence, in System.Diagnostics.ActivityContext trace)
        {
            Changes.Add(change);
            Sequences.Add(sequence);
            Bytes += change.Value!.Length;
            if (Trace == default)
                Trace = trace;
        }
    }
}
