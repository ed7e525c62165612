using System.Buffers.Binary;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles.Older;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// A profile as bytes: format byte 4, the timer (64 bits, so that it can be looked at alone), then varints. Instants are
/// relative to the first one; user ids stand in the key alone. A byte snapshot in the tests pins the format.
/// <para>
/// Identify hashes, properties, memberships and each behavior have their length before them: reading a profile
/// passes over them, <see cref="Profile"/> reads each when it is asked for, and what nobody changed is copied when the
/// profile is written again. So an event costs what it touches, not what its user's profile holds.
/// </para>
/// </summary>
public static class ProfileCodec
{
    /// <summary>The first byte of what this version writes.</summary>
    public const byte Format = 4;

    private const int TimerStart = 1;

    /// <summary>The profile's next timer; <see cref="Profile.NoTimer"/> of none.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static long TimerOf(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
            return Profile.NoTimer;
        CheckFormat(stored[0]);
        return BinaryPrimitives.ReadInt64LittleEndian(stored[TimerStart..]);
    }

    /// <summary>The generation of the plan that the profile is under.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static int GenerationOf(ReadOnlySpan<byte> stored)
    {
        var reader = new ByteReader(stored);
        CheckFormat(reader.Byte());
        reader.Int64();
        reader.Signed();
        reader.Varint();
        var version = reader.Varint();
        if (version > 0)
            reader.Signed();
        return reader.Count();
    }

    public static void Write(ReadOnlySpan<byte> key, Profile profile, ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Format);
        writer.Int64(profile.NextTimer);
        writer.Signed(profile.FirstSeenAt);
        writer.Varint((ulong)(profile.LastInstant - profile.FirstSeenAt));
        writer.Varint((ulong)profile.Version);
        if (profile.Version > 0)
            writer.Signed(profile.ComputedAt - Instant.FloorToSeconds(profile.LastInstant));
        writer.Varint((ulong)profile.PlanGeneration);
        writer.Varint(profile.NextPropertyFlip == Profile.NoTimer ? 0 : (ulong)(profile.NextPropertyFlip - profile.LastInstant));
        writer.Varint(profile.NextSlide == Profile.NoTimer ? 0 : (ulong)(profile.NextSlide - profile.LastInstant));
        writer.Bytes(ProfileKey.IsUser(key) ? profile.DeviceId : default);
        profile.WriteParts(writer);
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
        var reader = new ByteReader(stored);
        var format = reader.Byte();
        CheckFormat(format);
        profile.NextTimer = reader.Int64();
        profile.FirstSeenAt = reader.Signed();
        profile.LastInstant = profile.FirstSeenAt + (long)reader.Varint();
        profile.Version = (long)reader.Varint();
        if (profile.Version > 0)
            profile.ComputedAt = reader.Signed() + Instant.FloorToSeconds(profile.LastInstant);
        profile.PlanGeneration = reader.Count();
        if (reader.Varint() is > 0 and var later)
            profile.NextPropertyFlip = profile.LastInstant + (long)later;
        if (format == Format && reader.Varint() is > 0 and var slides)
            profile.NextSlide = profile.LastInstant + (long)slides;
        if (reader.Bytes() is { IsEmpty: false } deviceId)
            profile.SetDeviceId(deviceId);
        if (format == Format)
            profile.ReadParts(stored[reader.Position..]);
        else
            ProfileFormat3.ReadParts(ref reader, profile);
    }

    private static void CheckFormat(byte format)
    {
        if (format is Format or ProfileFormat3.Format)
            return;
        var advice = format < Format
            ? "that format was never released: let the evaluator read activity again, under a new prefix"
            : "it was written by a newer version; start that one";
        throw new InvalidDataException($"a stored profile has format {format}, this version reads {ProfileFormat3.Format} and {Format}: {advice}");
    }
}
