using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What the users of one record have in common.</summary>
internal readonly record struct UserBatchKey(PartitionProgress Progress, string CohortId, string CohortName, MembershipChange Change, long ComputedAt);

/// <summary>An open record of several users.</summary>
internal sealed class UserBatch(UserBatchKey key, long openedAt, int envelopeBytes)
{
    private readonly ArrayBufferWriter<byte> _fragments = new();
    private readonly List<int> _lengths = [];
    private readonly ArrayBufferWriter<byte> _deltaIds = new();

    public UserBatchKey Key { get; } = key;

    public long OpenedAt { get; } = openedAt;

    public PartitionProgress Progress => Key.Progress;

    public int Count => _lengths.Count;

    private int FragmentBytes => _fragments.WrittenCount;

    /// <summary>What it will add to the memory held once it is a record.</summary>
    public int HeldBytes => envelopeBytes + FragmentBytes + Count + OutboundRecord.OverheadBytes;

    /// <summary>Delta ids, one behind the other.</summary>
    public ReadOnlySpan<byte> DeltaIds => _deltaIds.WrittenSpan;

    /// <summary>Order keys of the users; each is in it once.</summary>
    public List<ulong> Users { get; } = [];

    public List<long> Sequences { get; } = [];

    public List<ActivityContext> Traces { get; } = [];

    public long OldestHappenedAt { get; private set; } = long.MaxValue;

    /// <summary>Size of the record, key and commas counted, with one more user of that length.</summary>
    public int SizeWith(int fragmentBytes) => envelopeBytes + FragmentBytes + fragmentBytes + Count;

    public void Add(ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> deltaId, ulong user, long sequence, in ActivityContext trace, long happenedAt)
    {
        _fragments.Write(fragment);
        _lengths.Add(fragment.Length);
        _deltaIds.Write(deltaId);
        Users.Add(user);
        Sequences.Add(sequence);
        OldestHappenedAt = Math.Min(OldestHappenedAt, happenedAt);
        if (trace != default)
            Traces.Add(trace);
    }

    public void WriteUsers(Utf8JsonWriter writer)
    {
        var fragments = _fragments.WrittenSpan;
        foreach (var length in _lengths)
        {
            writer.WriteRawValue(fragments[..length], skipInputValidation: true);
            fragments = fragments[length..];
        }
    }
}
