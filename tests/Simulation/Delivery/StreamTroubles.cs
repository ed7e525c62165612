namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>What a simulated stream does to those who call it, drawn from the run's seed.</summary>
internal sealed record StreamTroubles
{
    /// <summary>Of 100 entries: those that fail by themselves.</summary>
    public int Entries { get; init; }

    /// <summary>Of 100 calls: those that fail as a whole, one way or another.</summary>
    public int Calls { get; init; }

    /// <summary>Of 1,000 steps: those in which a shard is split, or two are merged.</summary>
    public int Reshards { get; init; }

    /// <summary>Records a second that a shard takes.</summary>
    public int ShardRecordsPerSecond { get; init; } = 1_000;

    /// <summary>Longest way of a request, and of its answer.</summary>
    public TimeSpan Delay { get; init; }

    public static StreamTroubles Draw(Random random) => new()
    {
        Entries = random.Next(2) == 0 ? 0 : random.Next(1, 40),
        Calls = random.Next(2) == 0 ? 0 : random.Next(1, 25),
        Reshards = random.Next(2) == 0 ? 0 : random.Next(1, 40),
        ShardRecordsPerSecond = random.Next(2) == 0 ? 1_000 : random.Next(2, 30),
        Delay = TimeSpan.FromMilliseconds(random.Next(1, 300)),
    };
}
