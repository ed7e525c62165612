using System.Buffers.Binary;

namespace CohortPipeline.Contracts;

/// <summary>The partitioning of Java's producer: murmur2 with seed 0x9747b28c, sign bit cleared, modulo the count.</summary>
public static class Partitioner
{
    private const uint Multiplier = 0x5bd1e995;
    private const uint Seed = 0x9747b28c;
    private const int Shift = 24;

    public static int PartitionOf(ReadOnlySpan<byte> key, int partitionCount) => (int)(Murmur2(key) & 0x7fffffff) % partitionCount;

    public static uint Murmur2(ReadOnlySpan<byte> data)
    {
        var hash = Seed ^ (uint)data.Length;
        while (data.Length >= sizeof(uint))
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            word ^= word >> Shift;
            hash = (hash * Multiplier) ^ (word * Multiplier);
            data = data[sizeof(uint)..];
        }

        if (data.Length == 3)
            hash ^= (uint)data[2] << 16;
        if (data.Length >= 2)
            hash ^= (uint)data[1] << 8;
        if (data.Length >= 1)
            hash = (hash ^ data[0]) * Multiplier;

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
