using System.Diagnostics;
using System.Text;
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

    private readonly Dictionary<UserBatchKey, UserBatch> _open = [];
    private readonly LinkedList<UserBatch> _byAge = new();
    private readonly Dictionary<ulong, UserBatch> _ofUser = [];
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
            Close(batch);
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
        var key = new UserBatchKey(progress, Encoding.UTF8.GetString(delta.CohortId), Encoding.UTF8.GetString(delta.CohortName), delta.Change, delta.ComputedAt);
        var target = Open(key, now);
        if (target.Count > 0 && target.SizeWith(fragment.Length) > Destination.Limits.RecordBytesMax)
        {
            Send(target);
            target = Open(key, now);
        }

        if (target.SizeWith(fragment.Length) > Destination.Limits.RecordBytesMax)
        {
            GiveUpTooLarge(progress, sequence, RecordCopy.Of(batch, index), target.SizeWith(fragment.Length));
            Close(target);
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

    private UserBatch Open(in UserBatchKey key, long now)
    {
        if (_open.TryGetValue(key, out var found))
            return found;
        if (_open.Count >= OpenRecordsMax)
            Send(_byAge.First!.Value);
        var batch = new UserBatch(key, now, EnvelopeBytes(key));
        _open.Add(key, batch);
        _byAge.AddLast(batch);
        _heldBytes += batch.HeldBytes;
        return batch;
    }

    /// <summary>Everything but the users, which is as long for one as for many: ids all have one length.</summary>
    private int EnvelopeBytes(in UserBatchKey key)
    {
        using var payload = new PayloadWriter();
        var writer = payload.Start();
        AmplitudeCohortPayload.StartRecord(writer, Encoding.UTF8.GetBytes(key.CohortName), Encoding.UTF8.GetBytes(key.CohortId), key.Change, key.ComputedAt, new('0', DeltaId.Length));
        AmplitudeCohortPayload.EndRecord(writer, default);
        var keyBytes = PartitionKeys.RandomLength;
        return payload.Written.Length + keyBytes + (Destination.TraceContext == TraceContextMode.Field ? PayloadMembers.TraceParentBytes : 0);
    }

    private void Send(UserBatch batch)
    {
        Close(batch);
        var writer = Payload.Start();
        AmplitudeCohortPayload.StartRecord(
            writer, Encoding.UTF8.GetBytes(batch.Key.CohortName), Encoding.UTF8.GetBytes(batch.Key.CohortId), batch.Key.Change, batch.Key.ComputedAt, MessageIds.OfUsers(batch.DeltaIds));
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
        Emit(record);
    }

    private void Close(UserBatch batch)
    {
        _open.Remove(batch.Key);
        _byAge.Remove(batch);
        _heldBytes -= batch.HeldBytes;
        foreach (var user in batch.Users)
            _ofUser.Remove(user);
    }
}
