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

    private const int MembershipBytesMax = 20;
    private const int BehaviorBytesMax = 10;
    private const int PropertyFrameBytesMax = 8;
    private const int IdsAndScalarsBytesMax = 2048;

    /// <summary>Drops what is too much: the oldest events of the largest behavior first, which is approximate then. Answers how many.</summary>
    public static int Keep(Profile profile)
    {
        var dropped = 0;
        for (var excess = SizeOf(profile) - EncodedBytesMax; excess > 0 && LargestOf(profile) is { } largest; excess -= EventBytesMax)
        {
            largest.DropOldest(1);
            largest.IsApproximate = true;
            dropped++;
        }

        return dropped;
    }

    private static int SizeOf(Profile profile)
    {
        var size = IdsAndScalarsBytesMax
            + profile.PropertiesJsonLength
            + (profile.PropertyCount * PropertyFrameBytesMax)
            + (profile.MembershipCount * MembershipBytesMax);
        for (var i = 0; i < profile.BehaviorCount; i++)
            size += BehaviorBytesMax + (profile.BehaviorAt(i).Count * EventBytesMax);
        return size;
    }

    /// <summary>Null where no event is left to drop.</summary>
    private static RememberedEvents? LargestOf(Profile profile)
    {
        RememberedEvents? largest = null;
        for (var i = 0; i < profile.BehaviorCount; i++)
        {
            var events = profile.BehaviorAt(i);
            if (events.Count > (largest?.Count ?? 0))
                largest = events;
        }

        return largest;
    }
}
