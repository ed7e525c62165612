using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CohortPipeline.State;

/// <summary>Asks the processor to bring memory into its cache while something else is done; on processors that cannot be asked, nothing.</summary>
internal static class Prefetch
{
    public const int LineBytes = 64;

    public static unsafe void Line<T>(ref T place)
    {
        // The collector may move the object meanwhile: then the wrong line is fetched, which is no error.
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref place));
    }

    /// <param name="first">There need not be as many behind it: what is asked for in vain is no error.</param>
    public static void Lines(ref byte first, int count)
    {
        for (var line = 0; line < count; line++)
            Line(ref Unsafe.AddByteOffset(ref first, (nint)(line * LineBytes)));
    }
}
