namespace CohortPipeline.Tests.Simulation.World;

/// <summary>What goes wrong in a run, and how often: drawn from its seed, so that a run has some troubles and is free of others.</summary>
internal sealed record FaultPlan
{
    /// <summary>Of 1,000 calls: those that the log does not answer.</summary>
    public int Unavailable { get; init; }

    /// <summary>Of 1,000 calls: those in which the process is killed.</summary>
    public int Kills { get; init; }

    /// <summary>Of 1,000 calls: those in which the process sleeps while others go on, short or past its transaction's and session's time-outs.</summary>
    public int Sleeps { get; init; }

    /// <summary>Of 100 requests that end a transaction: those that do not go well.</summary>
    public int Ends { get; init; }

    /// <summary>Of 100 commits: those whose positions the group refuses.</summary>
    public int Refusals { get; init; }

    /// <summary>Longest wait of a partition for its marker.</summary>
    public TimeSpan MarkerDelay { get; init; }

    /// <summary>Of 1,000 steps: those in which a process stops in good order, or one more starts.</summary>
    public int Rebalances { get; init; }

    /// <summary>Of 1,000 steps: those in which the group takes a member for gone that lives.</summary>
    public int Expulsions { get; init; }

    /// <summary>Of 1,000 steps: those in which a second process starts under the name of one that sleeps.</summary>
    public int Takeovers { get; init; }

    /// <summary>Of 1,000 steps: those in which a changelog is compacted.</summary>
    public int Compactions { get; init; }

    /// <summary>Of 1,000 steps: those in which the positions of a group without members expire.</summary>
    public int Expiries { get; init; }

    public static FaultPlan None { get; } = new();

    /// <summary>Processes stop in good order and start again, and nothing else happens.</summary>
    public static FaultPlan CleanRebalances { get; } = new() { Rebalances = 30 };

    public static FaultPlan Draw(Random random) => new()
    {
        Unavailable = Some(random, 30),
        Kills = Some(random, 12),
        Sleeps = Some(random, 12),
        Ends = Some(random, 40),
        Refusals = Some(random, 25),
        MarkerDelay = TimeSpan.FromMilliseconds(random.Next(3) == 0 ? 0 : random.Next(1, 3_000)),
        Rebalances = Some(random, 30),
        Expulsions = Some(random, 60),
        Takeovers = Some(random, 60),
        Compactions = Some(random, 60),
        Expiries = Some(random, 100),
    };

    private static int Some(Random random, int most) => random.Next(2) == 0 ? 0 : random.Next(1, most + 1);
}
