using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// Keeps a profile in 512 KiB (<c>docs/spec/cohorts.md</c> §5). The sizes are upper bounds of what an encoding takes, not
/// that of one encoding, so that what a profile remembers does not depend on how it is stored.
/// </summary>
internal static class ProfileBounds
{
    public const int EncodedBytesMax = 512 * 1024;

    /// <summary>A varint and an insert hash.</summary>
    private const int EventBytesMax = 14;

    private const int StepsBytesMax = 2;

    /// <summary>Billionths of what is below 10¹⁵ take 81 bits, seven a byte.</summary>
    private const int NumberBytesMax = 12;

    /// <summary>A slot, a number of events, a length and what there is.</summary>
    private const int BehaviorBytesMax = 16;

    /// <summary>Four numbers that were folded.</summary>
    private const int TotalsBytesMax = 80;

    private const int MembershipBytesMax = 20;
    private const int PropertyFrameBytesMax = 8;
    private const int IdsAndScalarsBytesMax = 2048;

    /// <summary>Drops what is too much: the oldest events of the largest behavior first, which is approximate then. Answers how many behaviors became so.</summary>
    public static int Keep(PlanIndex plan, Profile profile)
    {
        if (SizeAtMost(profile) <= EncodedBytesMax)
            return 0;
        var madeApproximate = 0;
        for (var excess = SizeOf(profile) - EncodedBytesMax; excess > 0 && LargestOf(profile) is { } largest; excess -= EventBytesOf(largest))
        {
            var wasApproximate = largest.IsApproximate;
            plan.OfBehavior(largest.Slot)!.Behavior.Memory.DropOldest(largest);
            if (largest.IsApproximate && !wasApproximate)
                madeApproximate++;
        }

        return madeApproximate;
    }

    /// <summary>Not less than what a behavior takes of which nothing is known yet but how many events there are, and whether they have times and hashes alone.</summary>
    public static int SizeAtMost(int events, bool isPlain) => isPlain
        ? BehaviorBytesMax + (events * EventBytesMax)
        : BehaviorBytesMax + TotalsBytesMax + (events * (EventBytesMax + NumberBytesMax));

    private static int SizeOf(Profile profile)
    {
        var size = SizeWithoutBehaviors(profile);
        for (var i = 0; i < profile.BehaviorCount; i++)
            size += SizeOf(profile.BehaviorAt(i));
        return size;
    }

    /// <summary>Not less than <see cref="SizeOf(Profile)"/>, and found without reading behaviors that nobody asked for.</summary>
    private static int SizeAtMost(Profile profile)
    {
        var size = SizeWithoutBehaviors(profile) + profile.Behaviors.UnreadSizeAtMost;
        foreach (var loaded in profile.Behaviors.Loaded)
            size += SizeOf(loaded);
        return size;
    }

    private static int SizeOf(RememberedEvents events) =>
        BehaviorBytesMax + (events.Value == RememberedValue.Number ? TotalsBytesMax : 0) + (events.Count * EventBytesOf(events));

    private static int SizeWithoutBehaviors(Profile profile) =>
        IdsAndScalarsBytesMax
        + profile.PropertiesJsonLength
        + (profile.PropertyCount * PropertyFrameBytesMax)
        + (profile.MembershipCount * MembershipBytesMax);

    private static int EventBytesOf(RememberedEvents events) => EventBytesMax + events.Value switch
    {
        RememberedValue.None => 0,
        RememberedValue.Steps => StepsBytesMax,
        RememberedValue.Hash => sizeof(ulong),
        _ => NumberBytesMax,
    };

    /// <summary>Null where no event is left to drop.</summary>
    private static RememberedEvents? LargestOf(Profile profile)
    {
        RememberedEvents? largest = null;
        for (var i = 0; i < profile.BehaviorCount; i++)
        {
            var events = profile.BehaviorAt(i);
            if (events.Count * EventBytesOf(events) > (largest is null ? 0 : largest.Count * EventBytesOf(largest)))
                largest = events;
        }

        return largest;
    }
}
