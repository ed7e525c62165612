using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.State;

/// <summary>
/// A profile as bytes: format byte 1, the timer (64 bits, so that it can be looked at alone), then varints. Instants are
/// relative to the first one; user ids stand in the key alone. A byte snapshot in the tests pins the format.
/// </summary>
public static class ProfileCodec
{
    private const byte Format = 1;
    private const int TimerStart = 1;
    private const ulong ApproximateFlag = 1;
    private const ulong HashesFlag = 2;

    /// <summary>The profile's next timer; <see cref="Profile.NoTimer"/> of none.</summary>
    public static long TimerOf(ReadOnlySpan<byte> stored) =>
        stored.IsEmpty ? Profile.NoTimer : System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(stored[TimerStart..]);

    public static void Write(ReadOnlySpan<byte> key, Profile profile, ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Format);
        writer.Int64(profile.NextTimer);
        writer.Signed(profile.FirstSeenAt);
        writer.Varint((ulong)(profile.LastInstant - profile.FirstSeenAt));
        writer.Varint((ulong)profile.Version);
        writer.Signed(profile.ComputedAt);
        writer.Varint((ulong)profile.PlanGeneration);
        writer.Bytes(ProfileKey.IsUser(key) ? profile.DeviceId : default);
        writer.Varint((ulong)profile.IdentifyHashes.Length);
        foreach (var hash in profile.IdentifyHashes)
            writer.UInt32(hash);
        WriteProperties(profile, writer);
        WriteBehaviors(profile, writer);
        WriteMemberships(profile, writer);
    }

    /// <summary>Reads a stored profile into a working object; empty bytes are a profile that does not exist yet.</summary>
    /// <exception cref="InvalidDataException">A format that this version does not read, or bytes cut short.</exception>
    public static void Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, Profile profile)
    {
        profile.Reset();
        SetId(key, profile);
        if (stored.IsEmpty)
            return;
        var reader = new ByteReader(stored);
        var format = reader.Byte();
        if (format != Format)
            throw new InvalidDataException($"a stored profile has format {format}, this version reads {Format}: it was written by a newer version; start that one");
        profile.NextTimer = reader.Int64();
        profile.FirstSeenAt = reader.Signed();
        profile.LastInstant = profile.FirstSeenAt + (long)reader.Varint();
        profile.Version = (long)reader.Varint();
        profile.ComputedAt = reader.Signed();
        profile.PlanGeneration = reader.Count();
        if (reader.Bytes() is { IsEmpty: false } deviceId)
            profile.SetDeviceId(deviceId);
        for (var left = reader.Count(); left > 0; left--)
            profile.AddIdentifyHash(reader.UInt32());
        ReadProperties(ref reader, profile);
        ReadBehaviors(ref reader, profile);
        ReadMemberships(ref reader, profile);
        if (!reader.IsAtEnd)
            throw new InvalidDataException("a stored profile goes on behind its end");
    }

    private static void SetId(ReadOnlySpan<byte> key, Profile profile)
    {
        if (ProfileKey.IsUser(key))
            profile.SetUserId(ProfileKey.IdOf(key));
        else
            profile.SetDeviceId(ProfileKey.IdOf(key));
    }

    private static void WriteProperties(Profile profile, ByteWriter writer)
    {
        var properties = profile.Properties;
        writer.Varint((ulong)properties.Count);
        for (var i = 0; i < properties.Count; i++)
        {
            writer.Bytes(properties.NameAt(i));
            writer.Bytes(properties.ValueAt(i));
        }
    }

    private static void ReadProperties(ref ByteReader reader, Profile profile)
    {
        for (var left = reader.Count(); left > 0; left--)
            profile.Properties.Append(reader.Bytes(), reader.Bytes());
    }

    private static void WriteBehaviors(Profile profile, ByteWriter writer)
    {
        writer.Varint((ulong)profile.BehaviorCount);
        for (var i = 0; i < profile.BehaviorCount; i++)
        {
            var events = profile.BehaviorAt(i);
            var hasHashes = events.Hashes.ContainsAnyExcept(RememberedEvents.NoInsertId);
            writer.Varint((ulong)events.Slot);
            writer.Varint(((ulong)events.Count << 2) | (hasHashes ? HashesFlag : 0) | (events.IsApproximate ? ApproximateFlag : 0));
            var before = profile.FirstSeenAt;
            foreach (var time in events.Times)
            {
                writer.Signed(time - before);
                before = time;
            }

            if (!hasHashes)
                continue;
            foreach (var hash in events.Hashes)
                writer.UInt32(hash);
        }
    }

    private static void ReadBehaviors(ref ByteReader reader, Profile profile)
    {
        for (var left = reader.Count(); left > 0; left--)
        {
            var events = profile.BehaviorOf(reader.Count());
            var counted = reader.Varint();
            events.IsApproximate = (counted & ApproximateFlag) != 0;
            var times = reader;
            var before = profile.FirstSeenAt;
            var count = (int)(counted >> 2);
            for (var i = 0; i < count; i++)
                reader.Signed();
            for (var i = 0; i < count; i++)
            {
                before += times.Signed();
                events.Append(before, (counted & HashesFlag) != 0 ? reader.UInt32() : RememberedEvents.NoInsertId);
            }
        }
    }

    private static void WriteMemberships(Profile profile, ByteWriter writer)
    {
        writer.Varint((ulong)profile.Memberships.Length);
        foreach (ref readonly var membership in profile.Memberships)
        {
            writer.Varint((ulong)membership.CohortSlot);
            writer.Signed(membership.EnteredAt - profile.FirstSeenAt);
            writer.Varint((ulong)membership.Version);
            writer.Signed(profile.ComputedAt - membership.ComputedAt);
        }
    }

    private static void ReadMemberships(ref ByteReader reader, Profile profile)
    {
        for (var left = reader.Count(); left > 0; left--)
            profile.AddMembership(new(reader.Count(), profile.FirstSeenAt + reader.Signed(), (long)reader.Varint(), profile.ComputedAt - reader.Signed()));
    }
}
