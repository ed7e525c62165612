using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CohortPipeline.Contracts;

/// <summary>The key of a profile in every keyed topic: <c>u:</c> and the user id, or <c>d:</c> and the device id, in UTF-8.</summary>
public static class ProfileKey
{
    public static ReadOnlySpan<byte> UserPrefix => "u:"u8;

    public static ReadOnlySpan<byte> DevicePrefix => "d:"u8;

    /// <summary>Longest id, in bytes.</summary>
    public const int IdBytesMax = 512;

    /// <summary>Whether it is a profile's key at all: a prefix and an id behind it.</summary>
    public static bool IsKey(ReadOnlySpan<byte> key) =>
        key.Length > UserPrefix.Length && key.Length <= UserPrefix.Length + IdBytesMax && (IsUser(key) || key.StartsWith(DevicePrefix));

    public static bool IsUser(ReadOnlySpan<byte> key) => key.StartsWith(UserPrefix);

    /// <summary>The id behind the prefix.</summary>
    public static ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> key) => key[UserPrefix.Length..];

    /// <summary>Writes the key of a record's ids (UTF-8; empty: none) and returns its length; 0 where there is no id at all.</summary>
    public static int Write(ReadOnlySpan<byte> userId, ReadOnlySpan<byte> deviceId, Span<byte> destination)
    {
        var id = userId.IsEmpty ? deviceId : userId;
        if (id.IsEmpty)
            return 0;
        (userId.IsEmpty ? DevicePrefix : UserPrefix).CopyTo(destination);
        id.CopyTo(destination[UserPrefix.Length..]);
        return UserPrefix.Length + id.Length;
    }

    /// <summary>The number that stands for a profile where a vendor wants one: the first 8 bytes of SHA-256 of the key, big-endian, sign bit cleared, zero replaced by 1.</summary>
    public static long AmplitudeId(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        var id = BinaryPrimitives.ReadInt64BigEndian(hash) & long.MaxValue;
        return id == 0 ? 1 : id;
    }
}
