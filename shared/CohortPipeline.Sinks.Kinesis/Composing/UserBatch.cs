using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What the users of one record have in common.</summary>
internal readonly record struct UserBatchKey(PartitionProgress Progress, string CohortId, string CohortName, MembershipChange Change, long ComputedAt);

/// <summary>An open record of several users. Used again for another when it is closed.</summary>
internal sealed class UserBatch
{
    private readonly ArrayBufferWriter<byte> _cohort = new();
    private readonly ArrayBufferWriter<byte> _fragments = new();
    private readonly List<int> _lengths = [];
    private readonly ArrayBufferWriter<byte> _deltaIds = new();
    private int _cohortIdBytes;
    private int _envelopeBytes;

    public UserBatch() => Place = new(this);

    /// <summary>Among the open ones.</summary>
    public LinkedListNode<UserBatch> Place { get; }

    public UserBatchKey Key { get; private set; }

    public long OpenedAt { get; private set; }

    public ReadOnlySpan<byte> CohortId => _cohort.WrittenSpan[.._cohortIdBytes];

    public ReadOnlySpan<byte> CohortName => _cohort.WrittenSpan[_cohortIdBytes..];

    public PartitionProgress Progress => Key.Progress;

    public int Count => _lengths.Count;

    /// <summary>Memory that it keeps for the next users.</summary>
    public int KeptBytes => _fragments.Capacity + _deltaIds.Capacity;

    private int FragmentBytes => _fragments.WrittenCount;

    /// <summary>What it will add to the memory held once it is a record.</summary>
    public int HeldBytes => _envelopeBytes + FragmentBytes + Count + OutboundRecord.OverheadBytes;

    /// <param name="key">What its users have in common.</param>
    /// <param name="first">Names the cohort.</param>
    /// <param name="openedAt">Milliseconds of the caller's clock.</param>
    /// <param name="envelopeBytes">Everything but the users.</param>
    public void Open(in UserBatchKey key, in Delta first, long openedAt, int envelopeBytes)
    {
        (Key, OpenedAt, OldestHappenedAt, _envelopeBytes, _cohortIdBytes) = (key, openedAt, long.MaxValue, envelopeBytes, first.CohortId.Length);
        _cohort.ResetWrittenCount();
        _cohort.Write(first.CohortId);
        _cohort.Write(first.CohortName);
        _fragments.ResetWrittenCount();
        _deltaIds.ResetWrittenCount();
        _lengths.Clear();
        Users.Clear();
        Sequences.Clear();
        Traces.Clear();
    }

    /// <summary>Delta ids, one behind the other.</summary>
    public ReadOnlySpan<byte> DeltaIds => _deltaIds.WrittenSpan;

    /// <summary>Order keys of the users; each is in it once.</summary>
    public List<ulong> Users { get; } = [];

    public List<long> Sequences { get; } = [];

    public List<ActivityContext> Traces { get; } = [];

    public long OldestHappenedAt { get; private set; }

    /// <summary>Size of the record, key and commas counted, with one more user of that length.</summary>
    public int SizeWith(int fragmentBytes) => _envelopeBytes + FragmentBytes + fragmentBytes + Count;

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
