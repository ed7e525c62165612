using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// <c>amplitude-cohort</c> with several users a record: of one partition, cohort, direction and <c>computed_at</c>. A user who
/// waits in an open record and changes again sends that record on its way first, so that no change overtakes another.
/// </summary>
public sealed class AmplitudeBatchComposer(KinesisDestination destination, ComposerSeams seams) : DeltaComposer(destination, seams)
{
    /// <summary>The oldest open record is sent on when there would be more.</summary>
    private const int OpenRecordsMax = 4_096;

    /// <summary>Closed records that are kept for the next ones, and of what size.</summary>
    private const int ClosedRecordsMax = 64;

    private const int ClosedBytesMax = 64 * 1024;

    private readonly Dictionary<UserBatchKey, UserBatch> _open = [];
    private readonly LinkedList<UserBatch> _byAge = new();
    private readonly Dictionary<ulong, UserBatch> _ofUser = [];
    private readonly Stack<UserBatch> _closed = new();
    private readonly RecurringTexts _texts = new();
    private readonly PayloadWriter _envelope = new();
    private long _heldBytes;

    public override long HeldBytes => _heldBytes;

    public override long? NextDue => _byAge.First is { } oldest ? oldest.Value.OpenedAt + LingerMilliseconds : null;

    private long LingerMilliseconds => (long)Destination.Linger.TotalMilliseconds;

    public override void Tick(long now)
    {
        while (NextDue is { } due && due <= now)
            Send(_byAge.First!.Value);
    }

    public override void Drop(PartitionProgress progress)
    {
        foreach (var batch in _byAge.Where(batch => batch.Progress == progress).ToArray())
        {
            Close(batch);
            Keep(batch);
        }
    }

    public override void Dispose()
    {
        _envelope.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override void Compose(RecordBatch batch, int index, in Delta delta, bool isWanted, PartitionProgress progress, long sequence, long now)
    {
        if (!isWanted)
            return;
        var user = OrderKey.OfUser(batch.Records[index].Key);
        if (_ofUser.TryGetValue(user, out var earlier))
            Send(earlier);

        AmplitudeCohortPayload.WriteUser(Payload.Start(), delta);
        var fragment = Payload.Written;
        var key = new UserBatchKey(progress, _texts.Of(delta.CohortId), _texts.Of(delta.CohortName), delta.Change, delta.ComputedAt);
        var target = Open(key, delta, now);
        if (target.Count > 0 && target.SizeWith(fragment.Length) > Destination.Limits.RecordBytesMax)
        {
            Send(target);
            target = Open(key, delta, now);
        }

        if (target.SizeWith(fragment.Length) > Destination.Limits.RecordBytesMax)
        {
            GiveUpTooLarge(progress, sequence, RecordCopy.Of(batch, index), target.SizeWith(fragment.Length));
            Close(target);
            Keep(target);
            return;
        }

        var trace = TraceOf(batch, index);
        _heldBytes -= target.HeldBytes;
        target.Add(fragment, delta.Id, user, sequence, trace, delta.At);
        _heldBytes += target.HeldBytes;
        _ofUser[user] = target;
        if (target.Count >= Destination.UsersPerRecord)
            Send(target);
    }

    private UserBatch Open(in UserBatchKey key, in Delta first, long now)
    {
        if (_open.TryGetValue(key, out var found))
            return found;
        if (_open.Count >= OpenRecordsMax)
            Send(_byAge.First!.Value);
        if (!_closed.TryPop(out var batch))
            batch = new();
        batch.Open(key, first, now, EnvelopeBytes(first));
        _open.Add(key, batch);
        _byAge.AddLast(batch.Place);
        _heldBytes += batch.HeldBytes;
        return batch;
    }

    /// <summary>Everything but the users, which is as long for one as for many: ids all have one length.</summary>
    private int EnvelopeBytes(in Delta first)
    {
        var writer = _envelope.Start();
        AmplitudeCohortPayload.StartRecord(writer, first.CohortName, first.CohortId, first.Change, first.ComputedAt, first.Id);
        AmplitudeCohortPayload.EndRecord(writer, default);
        var keyBytes = PartitionKeys.RandomLength;
        return _envelope.Written.Length + keyBytes + (Destination.TraceContext == TraceContextMode.Field ? PayloadMembers.TraceParentBytes : 0);
    }

    private void Send(UserBatch batch)
    {
        Close(batch);
        var writer = Payload.Start();
        Span<byte> id = stackalloc byte[DeltaId.Length];
        MessageIds.WriteOfUsers(batch.DeltaIds, id);
        AmplitudeCohortPayload.StartRecord(writer, batch.CohortName, batch.CohortId, batch.Key.Change, batch.Key.ComputedAt, id);
        batch.WriteUsers(writer);
        AmplitudeCohortPayload.EndRecord(writer, TraceParent(batch.Traces.Count > 0 ? batch.Traces[0] : default(ActivityContext)));
        var record = Rent();
        record.Fill(batch.Progress, RandomKey(), Payload.Written, batch.OldestHappenedAt);
        foreach (var user in batch.Users)
            record.OrderBy(user);
        foreach (var sequence in batch.Sequences)
            record.StandFor(sequence);
        foreach (var trace in batch.Traces)
            record.Follow(trace);
        Keep(batch);
        Emit(record);
    }

    private void Close(UserBatch batch)
    {
        _open.Remove(batch.Key);
        _byAge.Remove(batch.Place);
        _heldBytes -= batch.HeldBytes;
        foreach (var user in batch.Users)
            _ofUser.Remove(user);
    }

    private void Keep(UserBatch batch)
    {
        if (_closed.Count < ClosedRecordsMax && batch.KeptBytes <= ClosedBytesMax)
            _closed.Push(batch);
    }
}
