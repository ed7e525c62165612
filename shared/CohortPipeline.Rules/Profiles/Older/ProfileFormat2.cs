using CohortPipeline.Contracts;
using CohortPipeline.Rules.Behaviors.Memories;

namespace CohortPipeline.Rules.Profiles.Older;

/// <summary>
/// Reads profiles of format 2, which knew behaviors that count, and nothing else. They are written again in the present
/// format when something happens to them.
/// </summary>
internal static class ProfileFormat2
{
    public const byte Format = 2;

    private const ulong ApproximateFlag = 1;
    private const ulong HashesFlag = 2;
    private const int FlagBits = 2;
    private const long MillisecondsPerSecond = 1000;

    /// <param name="reader">Behind the format byte.</param>
    public static void Read(ref ByteReader reader, Profile profile)
    {
        profile.NextTimer = reader.Int64();
        profile.FirstSeenAt = reader.Signed();
        profile.LastInstant = profile.FirstSeenAt + (long)reader.Varint();
        profile.Version = (long)reader.Varint();
        profile.ComputedAt = reader.Signed();
        profile.PlanGeneration = reader.Count();
        if (reader.Bytes() is { IsEmpty: false } deviceId)
            profile.SetDeviceId(deviceId);
        ReadIdentifyHashes(new(reader.Bytes()), profile);
        reader.Count();
        reader.Count();
        ReadProperties(new(reader.Bytes()), profile);
        reader.Count();
        ReadMemberships(new(reader.Bytes()), profile);
        for (var left = reader.Count(); left > 0; left--)
            ReadEvents(ref reader, profile);
        if (!reader.IsAtEnd)
            throw new InvalidDataException("a stored profile goes on behind its end");
    }

    private static void ReadIdentifyHashes(ByteReader reader, Profile profile)
    {
        while (!reader.IsAtEnd)
            profile.AddIdentifyHash(reader.UInt32());
    }

    private static void ReadProperties(ByteReader reader, Profile profile)
    {
        while (!reader.IsAtEnd)
            profile.Properties.Append(reader.Bytes(), reader.Bytes());
    }

    private static void ReadMemberships(ByteReader reader, Profile profile)
    {
        var firstSeconds = profile.FirstSeenAt / MillisecondsPerSecond;
        while (!reader.IsAtEnd)
            profile.AddMembership(new(reader.Count(), profile.FirstSeenAt + reader.Signed(), (long)reader.Varint(), firstSeconds + reader.Signed()));
    }

    private static void ReadEvents(ref ByteReader reader, Profile profile)
    {
        var events = profile.BehaviorOf(reader.Count());
        var head = reader.Varint();
        var count = (int)(head >> FlagBits);
        var oldest = 0L;
        var flipsAfter = 0L;
        if (count > 0)
        {
            oldest = profile.FirstSeenAt + reader.Signed();
            flipsAfter = (long)reader.Varint();
        }

        var stored = new ByteReader(reader.Bytes());
        var times = new long[count];
        for (var i = 0; i < count; i++)
            times[i] = i == 0 ? oldest : times[i - 1] + (long)stored.Varint();
        foreach (var time in times)
            events.Insert(time, (head & HashesFlag) != 0 ? stored.UInt32() : RememberedEvents.NoInsertId);
        events.IsApproximate = (head & ApproximateFlag) != 0;
        if (flipsAfter > 0)
            events.SetNextFlip(NextFlip.At(oldest + flipsAfter));
    }
}
