namespace CohortPipeline.Rules.Values;

/// <summary>64 bits that stand for a scalar value: equal ones (<c>docs/spec/cohorts.md</c> §3) have the same. They are stored with profiles: another hash would be another format.</summary>
internal static class ValueHash
{
    private const ulong Basis = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;
    private const byte NumberMark = 1;
    private const byte TextMark = 2;

    public static ulong Of(Candidates candidates, int index)
    {
        if (!candidates.TryNumber(index, out var number))
            return Spread(Mix(Basis ^ TextMark, candidates.TextOf(index)));
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(Canonical(number), bits);
        return Spread(Mix(Basis ^ NumberMark, System.Runtime.InteropServices.MemoryMarshal.AsBytes(bits)));
    }

    /// <summary>Without the zeros behind the last digit, and zero without a sign.</summary>
    private static decimal Canonical(decimal number) => number == 0 ? 0 : number / 1.0000000000000000000000000000m;

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            hash = (hash ^ value) * Prime;
        return hash;
    }

    /// <summary>FNV's high bits depend on few of the last bytes: spread what is there over all of them.</summary>
    private static ulong Spread(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
