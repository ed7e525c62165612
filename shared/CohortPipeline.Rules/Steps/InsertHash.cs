using System.Numerics;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>The 32 bits that stand for an event type and insert id. They are stored with profiles: another hash would be another format.</summary>
public static class InsertHash
{
    private const uint Spread = 0x9E3779B1;
    private const int Turn = 13;

    /// <summary><see cref="RememberedEvents.NoInsertId"/> where there is no insert id, and never that where there is one.</summary>
    public static uint Of(ReadOnlySpan<byte> eventType, ReadOnlySpan<byte> insertId)
    {
        if (insertId.IsEmpty)
            return RememberedEvents.NoInsertId;
        var hash = (BitOperations.RotateLeft(Partitioner.Murmur2(eventType), Turn) * Spread) ^ Partitioner.Murmur2(insertId);
        return hash == RememberedEvents.NoInsertId ? 1 : hash;
    }
}
