using CohortPipeline.Rules.Properties;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// One user's state, as a working object: a lane keeps one, reads stored bytes into it, lets a <see cref="Steps.Stepper"/>
/// work on it, and writes it back. It allocates nothing once it has grown to the largest profile it held. Parts of stored
/// bytes are read when they are asked for: see <see cref="ProfileCodec"/>.
/// </summary>
public sealed partial class Profile
{
    /// <summary>Stands for an instant that is not there.</summary>
    public const long NoInstant = long.MinValue;

    /// <summary>Stands for no timer.</summary>
    public const long NoTimer = long.MaxValue;

    /// <summary>How many identify calls with an insert id are remembered.</summary>
    public const int IdentifyHashesMax = 16;

    private readonly Utf8Buffer _userId = new();
    private readonly Utf8Buffer _deviceId = new();
    private readonly uint[] _identifyHashes = new uint[IdentifyHashesMax];
    private readonly PropertyBag _properties = new();
    private readonly BehaviorTable _behaviors = new();
    private readonly MembershipPacking _membershipPacking = new();
    private Membership[] _memberships = new Membership[8];
    private int _membershipCount;
    private int _identifyHashCount;

    /// <summary>False until the first record is applied; only what exists can be a member.</summary>
    public bool Exists => FirstSeenAt != NoInstant;

    /// <summary>UTF-8; empty for none.</summary>
    public ReadOnlySpan<byte> UserId => _userId.Span;

    /// <summary>UTF-8 of the device of the last record that carried one; empty for none.</summary>
    public ReadOnlySpan<byte> DeviceId => _deviceId.Span;

    /// <summary>Instant of the first record; <see cref="NoInstant"/> before it. Set once: what is stored is relative to it.</summary>
    public long FirstSeenAt { get; set; } = NoInstant;

    /// <summary>Instant of the last evaluation; instants never go back.</summary>
    public long LastInstant { get; set; } = NoInstant;

    /// <summary>Of the last delta; 0 before the first.</summary>
    public long Version { get; set; }

    /// <summary>Of the last deltas, whole epoch seconds; 0 before the first.</summary>
    public long ComputedAt { get; set; }

    /// <summary>Generation of the plan that the memberships and behaviors are of.</summary>
    public int PlanGeneration { get; set; }

    /// <summary>
    /// Nothing flips by time alone before this instant; <see cref="NoTimer"/> for never. It may be early: of behaviors that an
    /// event leaves alone it is not found out again.
    /// </summary>
    public long NextTimer { get; set; } = NoTimer;

    /// <summary>Of this, what the profile's properties could flip; always after <see cref="LastInstant"/>.</summary>
    public long NextPropertyFlip { get; set; } = NoTimer;

    /// <summary>No remembered event leaves its range before this instant, which may be early likewise; always after <see cref="LastInstant"/>.</summary>
    public long NextSlide { get; set; } = NoTimer;

    public PropertyBag Properties
    {
        get
        {
            ReadProperties();
            return _properties;
        }
    }

    public int BehaviorCount => _behaviors.Count;

    internal BehaviorTable Behaviors => _behaviors;

    /// <summary>The cohorts the profile is in, in the order of their slots.</summary>
    public ReadOnlySpan<Membership> Memberships
    {
        get
        {
            ReadMemberships();
            return _memberships.AsSpan(0, _membershipCount);
        }
    }

    /// <summary>Hashes of the last identify calls that had an insert id, oldest first.</summary>
    public ReadOnlySpan<uint> IdentifyHashes
    {
        get
        {
            ReadIdentifyHashes();
            return _identifyHashes.AsSpan(0, _identifyHashCount);
        }
    }

    /// <summary>Behaviors that have something remembered, in the order of their slots.</summary>
    public RememberedEvents BehaviorAt(int index) => _behaviors.At(index);

    /// <summary>Becomes a profile that does not exist yet.</summary>
    public void Reset()
    {
        _userId.Set([]);
        _deviceId.Set([]);
        FirstSeenAt = NoInstant;
        LastInstant = NoInstant;
        Version = 0;
        ComputedAt = 0;
        PlanGeneration = 0;
        NextTimer = NoTimer;
        NextPropertyFlip = NoTimer;
        NextSlide = NoTimer;
        _behaviors.Clear();
        _properties.Clear();
        _membershipCount = 0;
        _identifyHashCount = 0;
        ForgetStored();
    }

    /// <summary>False if it was that id already.</summary>
    public bool SetUserId(ReadOnlySpan<byte> id) => _userId.Set(id);

    /// <summary>False if it was that id already.</summary>
    public bool SetDeviceId(ReadOnlySpan<byte> id) => _deviceId.Set(id);

    /// <summary>Adds an identify hash; the oldest goes where there are too many.</summary>
    public void AddIdentifyHash(uint hash)
    {
        ReadIdentifyHashes();
        _storedIdentifyHashes.MarkChanged();
        if (_identifyHashCount == IdentifyHashesMax)
        {
            Array.Copy(_identifyHashes, 1, _identifyHashes, 0, IdentifyHashesMax - 1);
            _identifyHashCount--;
        }

        _identifyHashes[_identifyHashCount++] = hash;
    }

    /// <summary>What is remembered of the behavior; an empty one is added where there is none.</summary>
    public RememberedEvents BehaviorOf(int slot, RememberedValue value = RememberedValue.None) => _behaviors.FindOrAdd(slot, value);

    /// <summary>What is remembered of the behavior; null for nothing.</summary>
    public RememberedEvents? FindBehavior(int slot) => _behaviors.Find(slot);

    public void AddMembership(in Membership membership)
    {
        var index = IndexOfMembership(membership.CohortSlot);
        if (index >= 0)
            throw new InvalidOperationException($"the profile is in cohort slot {membership.CohortSlot} already, since version {_memberships[index].Version}");
        _storedMemberships.MarkChanged();
        InsertMembership(~index, membership);
    }

    public bool TryGetMembership(int cohortSlot, out Membership membership)
    {
        var index = IndexOfMembership(cohortSlot);
        membership = index >= 0 ? _memberships[index] : default;
        return index >= 0;
    }

    internal void RemoveMembership(int cohortSlot)
    {
        var index = IndexOfMembership(cohortSlot);
        _storedMemberships.MarkChanged();
        _membershipCount--;
        Array.Copy(_memberships, index + 1, _memberships, index, _membershipCount - index);
    }

    /// <summary>Gives a membership that was just added its version.</summary>
    internal void NumberMembership(int cohortSlot, long version)
    {
        ref var membership = ref _memberships[IndexOfMembership(cohortSlot)];
        membership = membership with { Version = version };
    }

    private void InsertMembership(int index, in Membership membership)
    {
        if (_membershipCount == _memberships.Length)
            Array.Resize(ref _memberships, _membershipCount * 2);
        Array.Copy(_memberships, index, _memberships, index + 1, _membershipCount - index);
        _memberships[index] = membership;
        _membershipCount++;
    }

    /// <summary>The place of what is found, or the complement of where it belongs.</summary>
    private int IndexOfMembership(int slot)
    {
        ReadMemberships();
        var (low, high) = (0, _membershipCount - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _memberships[middle].CohortSlot;
            if (found == slot)
                return middle;
            if (found < slot)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
