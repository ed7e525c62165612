using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Schedule;

/// <summary>How far back the rows of a compacted topic still tell every state that there was.</summary>
public static class ReadableRows
{
    /// <summary>States are given up so long before the topic may be compacted up to them: reading takes time, and clocks differ.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>States before this instant (epoch milliseconds) may have been compacted away.</summary>
    public static long Since(TopicSpec memberships, DateTimeOffset now) =>
        memberships.MinCompactionLag is { } lag ? (now - (lag - Margin)).ToUnixTimeMilliseconds() : long.MinValue;
}
