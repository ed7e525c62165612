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
    public const int EventBytesMax = 14;

    private const int StepsBytesMax = 2;

    /// <summary>Billionths of what is below 10¹⁵ take 81 bits, seven a byte.</summary>
    private const int NumberBytesMax = 12;

    private const int MembershipBytesMax = 20;
    /// <summary>With folded totals.</summary>
    private const int BehaviorBytesMax = 96;
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

    private static int SizeOf(Profile profile)
    {
        var size = SizeWithoutEvents(profile);
        for (var i = 0; i < profile.BehaviorCount; i++)
            size += profile.BehaviorAt(i).Count * EventBytesOf(profile.BehaviorAt(i));
        return size;
    }

    /// <summary>Not less than <see cref="SizeOf"/>, and found without reading behaviors that nobody asked for.</summary>
    private static long SizeAtMost(Profile profile)
    {
        long events = profile.Behaviors.UnreadBytes;
        foreach (var loaded in profile.Behaviors.Loaded)
            events += loaded.Count;
        return SizeWithoutEvents(profile) + (events * (EventBytesMax + NumberBytesMax));
    }

    private static int SizeWithoutEvents(Profile profile) =>
        IdsAndScalarsBytesMax
        + profile.PropertiesJsonLength
        + (profile.PropertyCount * PropertyFrameBytesMax)
        + (profile.MembershipCount * MembershipBytesMax)
        + (profile.BehaviorCount * BehaviorBytesMax);

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
