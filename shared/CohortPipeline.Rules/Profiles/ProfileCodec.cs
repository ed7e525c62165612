using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles.Older;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// A profile as bytes. It begins with two words of 64 bits, least byte first: format 5, what parts there are, the last
/// instant (48 bits); how many milliseconds later its timer and its next slide are (32 bits each, 0 for none: what is later
/// than that is looked at sooner, which does no harm). Then numbers of as many bytes as they need, and the parts that there
/// are. User ids stand in the key alone. A byte snapshot in the tests pins the format.
/// <para>
/// Reading a profile passes over its parts: <see cref="Profile"/> reads each when it is asked for, and what nobody changed is
/// copied when the profile is written again. So an event costs what it touches, not what its user's profile holds.
/// </para>
/// </summary>
public static class ProfileCodec
{
    /// <summary>The first byte of what this version writes.</summary>
    public const byte Format = 5;

    private const int PartsShift = 8;
    private const int LastInstantShift = 16;
    private const int SlideShift = 32;

    /// <summary>The profile's next timer, or an instant before it; <see cref="Profile.NoTimer"/> of none.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static long TimerOf(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
            return Profile.NoTimer;
        if (IsOlder(stored))
            return ProfileFormat4.TimerOf(stored);
        var reader = new ByteReader(stored);
        return ReadHead(ref reader).Timer;
    }

    /// <summary>The generation of the plan that the profile is under.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static int GenerationOf(ReadOnlySpan<byte> stored)
    {
        if (IsOlder(stored))
            return ProfileFormat4.GenerationOf(stored);
        var reader = new ByteReader(stored);
        ReadHead(ref reader);
        reader.Varint();
        return reader.Count();
    }

    public static void Write(ReadOnlySpan<byte> key, Profile profile, ByteWriter writer)
    {
        var last = profile.LastInstant;
        var isFar = last << LastInstantShift >> LastInstantShift != last;
        var deviceId = ProfileKey.IsUser(key) ? profile.DeviceId : default;
        var parts = profile.PartsToWrite
            | (isFar ? ProfileParts.FarInstant : 0)
            | (profile.Version > 0 ? ProfileParts.Deltas : 0)
            | (profile.NextPropertyFlip != Profile.NoTimer ? ProfileParts.PropertyFlip : 0)
            | (deviceId.IsEmpty ? 0 : ProfileParts.DeviceId);
        writer.Clear();
        writer.Int64(Format | ((long)parts << PartsShift) | (isFar ? 0 : last << LastInstantShift));
        writer.Int64(Later(profile.NextTimer, last) | ((long)Later(profile.NextSlide, last) << SlideShift));
        if (isFar)
            writer.Int64(last);
        writer.Varint((ulong)(last - profile.FirstSeenAt));
        writer.Varint((ulong)profile.PlanGeneration);
        if (profile.Version > 0)
        {
            writer.Varint((ulong)profile.Version);
            writer.Signed(profile.ComputedAt - Instant.FloorToSeconds(last));
        }

        if (profile.NextPropertyFlip != Profile.NoTimer)
            writer.Varint((ulong)(profile.NextPropertyFlip - last));
        if (!deviceId.IsEmpty)
            writer.Bytes(deviceId);
        profile.WriteParts(parts, writer);
    }

    /// <summary>Reads a stored profile into a working object, which keeps a copy; empty bytes are a profile that does not exist yet.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read, or bytes cut short.</exception>
    public static void Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, Profile profile)
    {
        profile.Reset();
        if (ProfileKey.IsUser(key))
            profile.SetUserId(ProfileKey.IdOf(key));
        else
            profile.SetDeviceId(ProfileKey.IdOf(key));
        if (stored.IsEmpty)
            return;
        if (IsOlder(stored))
        {
            ProfileFormat4.Read(stored, profile);
            return;
        }

        var reader = new ByteReader(stored);
        var head = ReadHead(ref reader);
        var last = profile.LastInstant = head.LastInstant;
        profile.NextTimer = head.Timer;
        profile.NextSlide = head.Slide;
        profile.FirstSeenAt = last - (long)reader.Varint();
        profile.PlanGeneration = reader.Count();
        if (head.Parts.HasFlag(ProfileParts.Deltas))
        {
            profile.Version = (long)reader.Varint();
            profile.ComputedAt = reader.Signed() + Instant.FloorToSeconds(last);
        }

        if (head.Parts.HasFlag(ProfileParts.PropertyFlip))
            profile.NextPropertyFlip = last + (long)reader.Varint();
        if (head.Parts.HasFlag(ProfileParts.DeviceId))
            profile.SetDeviceId(reader.Bytes());
        profile.ReadParts(head.Parts, stored[reader.Position..]);
    }

    /// <summary>Whether it is of a format before this one's that can be read.</summary>
    private static bool IsOlder(ReadOnlySpan<byte> stored)
    {
        var format = stored[0];
        if (format == Format)
            return false;
        if (format == ProfileFormat4.Format)
            return true;
        var advice = format < Format
            ? "that format was never released: let the evaluator read activity again, under a new prefix"
            : "it was written by a newer version; start that one";
        throw new InvalidDataException($"a stored profile has format {format}, this version reads {ProfileFormat4.Format} and {Format}: {advice}");
    }

    private static Head ReadHead(ref ByteReader reader)
    {
        var (first, second) = (reader.Int64(), reader.Int64());
        var parts = (ProfileParts)(byte)(first >> PartsShift);
        var last = parts.HasFlag(ProfileParts.FarInstant) ? reader.Int64() : first >> LastInstantShift;
        return new(parts, last, After(last, (uint)second), After(last, (uint)(second >> SlideShift)));
    }

    private static long After(long last, uint later) => later == 0 ? Profile.NoTimer : last + later;

    private static uint Later(long instant, long last) => instant == Profile.NoTimer ? 0 : (uint)Math.Min((ulong)(instant - last), uint.MaxValue);

    private readonly record struct Head(ProfileParts Parts, long LastInstant, long Timer, long Slide);
}
