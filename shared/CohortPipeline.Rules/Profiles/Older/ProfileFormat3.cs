using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles.Older;

/// <summary>
/// Reads profiles of format 3, in which a behavior had its own next flip, and its length stood before its events alone. They
/// are written again in the present format when something happens to them.
/// </summary>
internal static class ProfileFormat3
{
    public const byte Format = 3;

    private const ulong LaterComputedFlag = 1;
    private const ulong FlipMask = 3;
    private const ulong FlipAtInstant = 2;
    private const ulong HashesFlag = 4;
    private const ulong ExtrasFlag = 8;
    private const int FlagBits = 4;

    private const byte ApproximateFlag = 1;
    private const byte FoldedFlag = 2;
    private const int ValueShift = 2;

    /// <param name="reader">Behind the ids, where the profile's parts begin.</param>
    public static void ReadParts(ref ByteReader reader, Profile profile)
    {
        // When events leave their ranges was not stored: the next step finds it out.
        profile.NextSlide = profile.LastInstant + 1;
        ReadIdentifyHashes(new(reader.Bytes()), profile);
        reader.Count();
        reader.Count();
        ReadProperties(new(reader.Bytes()), profile);
        reader.Count();
        ReadMemberships(new(reader.Bytes()), profile);
        var slot = 0;
        for (var left = reader.Count(); left > 0; left--)
            ReadEvents(slot += reader.Count(), ref reader, profile);
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
        var (enteredAt, version) = (profile.FirstSeenAt, 0L);
        while (!reader.IsAtEnd)
        {
            var slot = reader.Count();
            enteredAt += (long)reader.Varint();
            var risen = reader.Varint();
            version += (long)(risen >> 1);
            var later = (risen & LaterComputedFlag) == 0 ? 0 : (long)reader.Varint();
            profile.AddMembership(new(slot, enteredAt, version, Instant.FloorToSeconds(enteredAt) + later));
        }
    }

    private static void ReadEvents(int slot, ref ByteReader reader, Profile profile)
    {
        var head = reader.Varint();
        var extras = (head & ExtrasFlag) != 0 ? reader.Byte() : (byte)0;
        var events = profile.BehaviorOf(slot, (RememberedValue)(extras >> ValueShift));
        var times = new long[(int)(head >> FlagBits)];
        if (times.Length > 0)
            times[0] = profile.FirstSeenAt + reader.Signed();
        if ((head & FlipMask) == FlipAtInstant)
            reader.Signed();
        if ((extras & FoldedFlag) != 0)
            events.Fold(new((long)reader.Varint(), reader.Signed128(), reader.Signed128(), reader.Signed128()));
        var stored = new ByteReader(reader.Bytes());
        for (var i = 1; i < times.Length; i++)
            times[i] = times[i - 1] + (long)stored.Varint();
        var hashes = new uint[times.Length];
        for (var i = 0; i < times.Length && (head & HashesFlag) != 0; i++)
            hashes[i] = stored.UInt32();
        for (var i = 0; i < times.Length; i++)
            events.Insert(times[i], hashes[i], events.Value == RememberedValue.None ? 0 : events.ReadValue(ref stored));
        events.IsApproximate = (extras & ApproximateFlag) != 0;
    }
}
