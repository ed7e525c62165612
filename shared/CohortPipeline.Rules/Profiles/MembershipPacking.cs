using System.Numerics;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// Memberships as stored profiles have them: in the order in which they began, in which times and versions rise, each number
/// in as many bits as the largest of its kind takes. Ordinarily each has the next version after the one before it and was
/// computed in the second in which it began; where that is so of all, nothing is stored of it.
/// </summary>
/// <remarks>Keeps memory to work in.</remarks>
internal sealed class MembershipPacking
{
    private const byte OrdinaryFlag = 0x80;

    private Membership[] _inOrder = [];

    /// <param name="memberships">Filled, in the order of slots.</param>
    /// <param name="firstSeenAt">Times are stored from there.</param>
    public static void Read(ref ByteReader reader, Span<Membership> memberships, long firstSeenAt)
    {
        var slotBits = reader.Byte();
        var passedBits = reader.Byte();
        var isOrdinary = (slotBits & OrdinaryFlag) != 0;
        var (risenBits, laterBits) = isOrdinary ? (0, 0) : (reader.Byte(), reader.Byte());
        var enteredAt = firstSeenAt + reader.Signed();
        var version = (long)reader.Varint();
        var bits = new BitReader(reader.Rest());
        for (var i = 0; i < memberships.Length; i++)
        {
            var slot = (int)bits.Take(slotBits & ~OrdinaryFlag);
            if (i > 0)
            {
                enteredAt += (long)bits.Take(passedBits);
                version += isOrdinary ? 1 : (long)bits.Take(risenBits);
            }

            memberships[i] = new(slot, enteredAt, version, Instant.FloorToSeconds(enteredAt) + (long)bits.Take(laterBits));
        }

        memberships.Sort(static (left, right) => left.CohortSlot.CompareTo(right.CohortSlot));
    }

    /// <param name="memberships">At least one.</param>
    public void Write(ReadOnlySpan<Membership> memberships, long firstSeenAt, ByteWriter writer)
    {
        if (_inOrder.Length < memberships.Length)
            _inOrder = new Membership[Math.Max(memberships.Length, _inOrder.Length * 2)];
        var inOrder = _inOrder.AsSpan(0, memberships.Length);
        memberships.CopyTo(inOrder);
        inOrder.Sort(static (left, right) => left.Version.CompareTo(right.Version));

        var (slots, passed, risen, later, isOrdinary) = (0UL, 0UL, 0UL, 0UL, true);
        for (var i = 0; i < inOrder.Length; i++)
        {
            slots |= (uint)inOrder[i].CohortSlot;
            later |= LaterOf(inOrder[i]);
            if (i == 0)
                continue;
            passed |= PassedOf(inOrder, i);
            risen |= RisenOf(inOrder, i);
            isOrdinary &= RisenOf(inOrder, i) == 1;
        }

        isOrdinary &= later == 0;
        var (slotBits, passedBits, risenBits, laterBits) = (BitsOf(slots), BitsOf(passed), isOrdinary ? 0 : BitsOf(risen), BitsOf(later));
        writer.Byte((byte)(slotBits | (isOrdinary ? OrdinaryFlag : 0)));
        writer.Byte((byte)passedBits);
        if (!isOrdinary)
        {
            writer.Byte((byte)risenBits);
            writer.Byte((byte)laterBits);
        }

        writer.Signed(inOrder[0].EnteredAt - firstSeenAt);
        writer.Varint((ulong)inOrder[0].Version);
        var bits = new BitWriter(writer);
        for (var i = 0; i < inOrder.Length; i++)
        {
            bits.Put((uint)inOrder[i].CohortSlot, slotBits);
            if (i > 0)
            {
                bits.Put(PassedOf(inOrder, i), passedBits);
                bits.Put(isOrdinary ? 0 : RisenOf(inOrder, i), risenBits);
            }

            bits.Put(LaterOf(inOrder[i]), laterBits);
        }

        bits.Flush();
    }

    private static ulong PassedOf(ReadOnlySpan<Membership> inOrder, int place) => (ulong)(inOrder[place].EnteredAt - inOrder[place - 1].EnteredAt);

    private static ulong RisenOf(ReadOnlySpan<Membership> inOrder, int place) => (ulong)(inOrder[place].Version - inOrder[place - 1].Version);

    private static ulong LaterOf(in Membership membership) => (ulong)(membership.ComputedAt - Instant.FloorToSeconds(membership.EnteredAt));

    private static int BitsOf(ulong largest) => sizeof(ulong) * 8 - BitOperations.LeadingZeroCount(largest);
}
