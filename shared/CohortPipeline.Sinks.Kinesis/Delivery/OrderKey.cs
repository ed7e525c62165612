using System.IO.Hashing;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// What must be delivered in order: a partition key of the destination, or a user. Kept as 64 bits of a hash: two that
/// collide wait for each other, which costs a little time and never their order.
/// </summary>
public static class OrderKey
{
    private const long PartitionKeySeed = 1;
    private const long UserSeed = 2;

    public static ulong OfPartitionKey(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key, PartitionKeySeed);

    /// <summary>
    /// A user with a user id has the order key of that id as a partition key: most records need one line then and not two, and
    /// whoever shares a line for it only waits.
    /// </summary>
    public static ulong OfUser(ReadOnlySpan<byte> profileKey) =>
        ProfileKey.IsUser(profileKey) ? OfPartitionKey(ProfileKey.IdOf(profileKey)) : XxHash3.HashToUInt64(profileKey, UserSeed);
}
