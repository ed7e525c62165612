namespace CohortPipeline.Kinesis.Local;

/// <summary>The hash keys of a shard, both ends included.</summary>
public readonly record struct HashRange(UInt128 First, UInt128 Last)
{
    public bool Contains(UInt128 hashKey) => hashKey >= First && hashKey <= Last;

    /// <summary>All hash keys in <paramref name="count"/> ranges of one size; the last has what is left over.</summary>
    public static IReadOnlyList<HashRange> Even(int count)
    {
        // 2^128 / count, where 2^128 itself has no place in 128 bits.
        var (size, rest) = UInt128.DivRem(UInt128.MaxValue, (UInt128)count);
        if (rest + 1 == (UInt128)count)
            size++;
        return [.. Enumerable.Range(0, count).Select(i => new HashRange((UInt128)i * size, i == count - 1 ? UInt128.MaxValue : ((UInt128)(i + 1) * size) - 1))];
    }
}
