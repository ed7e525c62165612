using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CohortPipeline.State;

/// <summary>Asks the processor to bring memory into its cache while something else is done; on processors that cannot be asked, nothing.</summary>
internal static class Prefetch
{
    private const int LineBytes = 64;

    public static unsafe void Line<T>(ref T place)
    {
        // The collector may move the object meanwhile: then the wrong line is fetched, which is no error.
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref place));
    }

    public static void Lines(ReadOnlySpan<byte> bytes, int max)
    {
        for (var start = 0; start < bytes.Length && max > 0; start += LineBytes, max--)
            Line(ref Unsafe.AsRef(in bytes[start]));
    }
}
