using System.Diagnostics;
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
    private readonly ChangeBuffer _changes = new();
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
            // It is an evaluation by itself; what is open of the partition's deltas stays so.
            if (isWanted)
                SendAlone(batch, index, delta.At, progress, sequence);
            return;
        }

        if (_open.TryGetValue(progress, out var evaluation) && !evaluation.IsOf(profileKey, delta))
        {
            // Its last parts are not in the topic any more: the log begins or was cut in mid-evaluation.
            Close(evaluation);
            Send(evaluation);
            evaluation = null;
        }

        if (isWanted && evaluation is null && delta.Parts == 1)
        {
            SendAlone(batch, index, delta.At, progress, sequence);
            return;
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

    private void Close(Evaluation evaluation)
    {
        _open.Remove(evaluation.Progress);
        _heldBytes -= evaluation.Bytes;
    }

    private void SendAlone(RecordBatch batch, int index, long at, PartitionProgress progress, long sequence)
    {
        _changes.Clear();
        _changes.Add(batch.Records[index].Value);
        var bytes = TrySend(progress, batch.Records[index].Key, [sequence], TraceOf(batch, index), at, out var hasKey);
        if (!hasKey)
            GiveUpWithoutIdentifier(progress, sequence, RecordCopy.Of(batch, index));
        else if (bytes > 0)
            GiveUpTooLarge(progress, sequence, RecordCopy.Of(batch, index), bytes);
    }

    private void Send(Evaluation evaluation)
    {
        _changes.Clear();
        foreach (var change in evaluation.Changes)
            _changes.Add(change.Value);
        var bytes = TrySend(evaluation.Progress, evaluation.ProfileKey, CollectionsMarshal.AsSpan(evaluation.Sequences), evaluation.Trace, evaluation.At, out var hasKey);
        for (var i = 0; i < evaluation.Changes.Count && !(hasKey && bytes == 0); i++)
        {
            if (hasKey)
                GiveUpTooLarge(evaluation.Progress, evaluation.Sequences[i], evaluation.Changes[i], bytes);
            else
                GiveUpWithoutIdentifier(evaluation.Progress, evaluation.Sequences[i], evaluation.Changes[i]);
        }
    }

    /// <summary>Sends the changes as one record; answers 0, or how many bytes it would have where that is too many.</summary>
    private int TrySend(PartitionProgress progress, ReadOnlySpan<byte> profileKey, ReadOnlySpan<long> sequences, in ActivityContext trace, long at, out bool hasKey)
    {
        hasKey = TryKey(Identifier(), profileKey, out var key);
        if (!hasKey)
            return 0;
        _payload.Write(Payload.Start(), _changes, TraceParent(trace));
        return TryEmit(key, profileKey, progress, sequences, trace, at) ? 0 : Payload.Written.Length + key.Length;
    }

    /// <summary>Of the first change whose cohort exports it.</summary>
    private ReadOnlySpan<byte> Identifier()
    {
        for (var change = 0; change < _changes.Count && Identifiers is not null; change++)
        {
            if (!_reader.TryRead(_changes[change], out var delta, out _))
                continue;
            var identifier = Identifiers.Of(delta);
            if (!identifier.IsEmpty)
                return identifier;
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

        public ActivityContext Trace { get; private set; }

        public int Bytes { get; private set; } = OutboundRecord.OverheadBytes + MembersBytes;

        public bool IsOf(ReadOnlySpan<byte> key, in Delta delta) => delta.At == At && delta.ComputedAt == computedAt && key.SequenceEqual(ProfileKey);

        public void Add(RecordCopy change, long sequence, in ActivityContext trace)
        {
            Changes.Add(change);
            Sequences.Add(sequence);
            Bytes += change.Value!.Length;
            if (Trace == default)
                Trace = trace;
        }
    }
}
