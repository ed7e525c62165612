using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Memory;

/// <summary>The process ends here, as by a kill: what was not committed is gone.</summary>
public sealed class SimulatedCrashException() : Exception("the simulated process was killed");

/// <summary>How a commit of the simulated log ends.</summary>
internal enum CommitFate
{
    Committed,
    Aborted,
    UnknownButCommitted,
    UnknownAndAborted,
    CrashBefore,
    CrashAfter,
}

/// <summary>What goes wrong, drawn from a seed. Nothing goes wrong twice in a row, so that a simulation comes to its end.</summary>
/// <param name="percent">How often a commit does not simply succeed; other faults are rarer. 0: nothing ever fails.</param>
public sealed class MemoryFaults(Random random, int percent)
{
    private const int RareFactor = 20;

    private bool _wasFault;

    public static MemoryFaults None { get; } = new(new(0), 0);

    /// <summary>How many faults there were.</summary>
    public int Count { get; private set; }

    internal int BatchSize(int max) => percent == 0 ? max : random.Next(1, Math.Min(max, 12) + 1);

    internal void MayCrash()
    {
        if (random.Next(100 * RareFactor) < percent && Draw())
            throw new SimulatedCrashException();
    }

    internal void MayBeUnavailable()
    {
        if (random.Next(100) < percent && Draw())
            throw new LogUnavailableException("the simulated log did not answer");
    }

    internal bool MayRebalance() => random.Next(100 * RareFactor) < percent * 4 && Draw();

    internal bool MayLose() => random.Next(3) == 0;

    internal CommitFate NextFate() =>
        random.Next(100) < percent && Draw() ? (CommitFate)random.Next((int)CommitFate.Aborted, (int)CommitFate.CrashAfter + 1) : Calm();

    private CommitFate Calm()
    {
        _wasFault = false;
        return CommitFate.Committed;
    }

    private bool Draw()
    {
        var isFault = !_wasFault;
        _wasFault = isFault;
        Count += isFault ? 1 : 0;
        return isFault;
    }
}
