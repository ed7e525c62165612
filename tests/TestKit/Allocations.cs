namespace CohortPipeline.TestKit;

/// <summary>What code allocates in steady state.</summary>
public static class Allocations
{
    private const int WindowsMax = 50;

    /// <summary>
    /// Bytes that the work allocates on this thread, in the best of several runs: what the runtime itself allocates once,
    /// when it compiles a method anew, is in some run, what the work allocates is in all.
    /// </summary>
    public static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var window = 0; window < WindowsMax && least > 0; window++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
