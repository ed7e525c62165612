using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles.Older;

/// <summary>
/// Reads profiles of format 4, in which all numbers were of as many bytes as they need, times among them, each from the one
/// before it. They are written again in the present format when something happens to them.
/// </summary>
internal static class ProfileFormat4
{
    public const byte Format = 4;

    private const int TimerStart = 1;
    private const ulong OrdinaryFlag = 1;
    private const ulong HashesFlag = 1;
    private const ulong ExtrasFlag = 2;
    private const int FlagBits = 2;

    private const byte ApproximateFlag = 1;
    private const byte FoldedFlag = 2;
    private const int ValueShift = 2;

    public static long TimerOf(ReadOnlySpan<byte> stored) => new ByteReader(stored[TimerStart..]).Int64();

    public static int GenerationOf(ReadOnlySpan<byte> stored)
    {
        var profile = new Profile();
        ReadScalars(stored, profile);
        return profile.PlanGeneration;
    }

    /// <param name="profile">Has its own id, and nothing else.</param>
    public static void Read(ReadOnlySpan<byte> stored, Profile profile)
    {
        var reader = ReadScalars(stored, profile);
        ReadIdentifyHashes(new(reader.Bytes()), profile);
        reader.Count();
        reader.Count();
        ReadProperties(new(reader.Bytes()), profile);
        reader.Count();
        ReadMemberships(new(reader.Bytes()), profile);
        var slot = 0;
        for (var left = reader.Count(); left > 0; left--)
            ReadEvents(slot += reader.Count(), new(reader.Bytes()), profile);
        if (!reader.IsAtEnd)
            throw new InvalidDataException("a stored profile goes on behind its end");
    }

    /// <returns>A reader of what comes behind them.</returns>
    private static ByteReader ReadScalars(ReadOnlySpan<byte> stored, Profile profile)
    {
        var reader = new ByteReader(stored);
        reader.Byte();
        profile.NextTimer = reader.Int64();
        profile.FirstSeenAt = reader.Signed();
        profile.LastInstant = profile.FirstSeenAt + (long)reader.Varint();
        profile.Version = (long)reader.Varint();
        if (profile.Version > 0)
            profile.ComputedAt = reader.Signed() + Instant.FloorToSeconds(profile.LastInstant);
        profile.PlanGeneration = reader.Count();
        if (reader.Varint() is > 0 and var later)
            profile.NextPropertyFlip = profile.LastInstant + (long)later;
        if (reader.Varint() is > 0 and var slides)
            profile.NextSlide = profile.LastInstant + (long)slides;
        if (reader.Bytes() is { IsEmpty: false } deviceId)
            profile.SetDeviceId(deviceId);
        return reader;
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
        var (enteredAt, version) = (profile.FirstSeenAt, 0L);
        while (!reader.IsAtEnd)
        {
            var slot = reader.Count();
            var passed = reader.Varint();
            enteredAt += (long)(passed >> 1);
            var isOrdinary = (passed & OrdinaryFlag) != 0;
            version += isOrdinary ? 1 : (long)reader.Varint();
            var computedAt = Instant.FloorToSeconds(enteredAt) + (isOrdinary ? 0 : (long)reader.Varint());
            profile.AddMembership(new(slot, enteredAt, version, computedAt));
        }
    }

    private static void ReadEvents(int slot, ByteReader reader, Profile profile)
    {
        var head = reader.Varint();
        var extras = (head & ExtrasFlag) != 0 ? reader.Byte() : (byte)0;
        var events = profile.BehaviorOf(slot, (RememberedValue)(extras >> ValueShift));
        var times = new long[(int)(head >> FlagBits)];
        if (times.Length > 0)
            times[0] = profile.FirstSeenAt + reader.Signed();
        if ((extras & FoldedFlag) != 0)
            events.Fold(new((long)reader.Varint(), reader.Signed128(), reader.Signed128(), reader.Signed128()));
        for (var i = 1; i < times.Length; i++)
            times[i] = times[i - 1] + (long)reader.Varint();
        var hashes = new uint[times.Length];
        for (var i = 0; i < times.Length && (head & HashesFlag) != 0; i++)
            hashes[i] = reader.UInt32();
        for (var i = 0; i < times.Length; i++)
            events.Insert(times[i], hashes[i], events.Value == RememberedValue.None ? 0 : events.ReadValue(ref reader));
        events.IsApproximate = (extras & ApproximateFlag) != 0;
        if (!reader.IsAtEnd)
            throw new InvalidDataException($"what is stored of a behavior goes on behind its {times.Length} events");
    }
}
