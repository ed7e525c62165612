namespace CohortPipeline.Sinks;

/// <summary>A destination's standing as one instance of its sink told it.</summary>
/// <param name="Instance">Names the process: <see cref="SinkInstance.Name"/>.</param>
/// <param name="At">When it was told.</param>
public sealed record ToldReport(string Instance, DateTimeOffset At, SinkReport Report)
{
    /// <summary>An instance tells at least so often how its destinations stand, also where nothing has changed.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>An instance that has told nothing for so long is taken for gone: a few heartbeats, and clocks may be apart.</summary>
    private static readonly TimeSpan FreshFor = 4 * Heartbeat;

    /// <summary>Whether whoever told it can be taken to be there still.</summary>
    public bool IsFresh(DateTimeOffset now) => now - At < FreshFor;
}

/// <summary>This process among those that serve a destination.</summary>
public static class SinkInstance
{
    /// <summary>A pod's name and the process in it: stable while the process lives, and nobody else's.</summary>
    public static string Name { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";
}
