using CohortPipeline.Sinks;

namespace CohortPipeline.Control;

/// <summary>How destinations stand.</summary>
public sealed record DestinationStatusList(IReadOnlyList<DestinationStatus> Destinations);

/// <summary>
/// A destination as the status shows it: what all instances of its sink tell together. Counts are since their start.
/// </summary>
/// <param name="State">
/// <c>starting</c>, <c>snapshot</c>, <c>resync</c>, <c>live</c> or <c>parked</c>, the worst of its instances; <c>silent</c>: those
/// that there were tell nothing any more; <c>configured</c>: no sink serves it yet; <c>unreadable</c>: it is no destination.
/// </param>
public sealed record DestinationStatus(string Id, string Sink, string State)
{
    /// <summary>Why it is parked, what it waits for; absent when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Of a snapshot or a resync: percent of the rows that are read.</summary>
    public int? Progress { get; init; }

    /// <summary>When it came into this state.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Processes that serve it.</summary>
    public int Instances { get; init; }

    /// <summary>Received = accepted + dead-lettered + filtered + in flight; absent where nothing is told.</summary>
    public SinkCounts? Records { get; init; }

    /// <summary>Age of the oldest record that was received and is neither accepted nor dead-lettered.</summary>
    public double? OldestUnacceptedSeconds { get; init; }

    /// <summary>What had to be sent again, by the destination's own code.</summary>
    public IReadOnlyDictionary<string, long>? Retries { get; init; }

    /// <summary>Shards that throttle and are slowed down.</summary>
    public IReadOnlyList<string>? ThrottledShards { get; init; }

    /// <summary>Records behind the end of the topic that it reads.</summary>
    public GroupLag? Lag { get; init; }

    /// <summary>What the instances of its sink told, put together.</summary>
    public static DestinationStatus Of(string id, string sink, IReadOnlyList<ToldReport> told, DateTimeOffset now)
    {
        if (told.Count == 0)
            return new(id, sink, "configured");
        var fresh = told.Where(one => one.IsFresh(now)).ToArray();
        if (fresh.Length == 0)
            return Silent(id, sink, told.MaxBy(one => one.At)!);
        var worst = fresh.Select(one => one.Report).MaxBy(report => Weight(report.State))!;
        return new(id, sink, worst.Word)
        {
            Reason = worst.Reason.Length > 0 ? worst.Reason : null,
            Progress = worst.Progress,
            Since = worst.Since,
            Instances = fresh.Length,
            Records = fresh.Select(one => one.Report.Counts).Aggregate((sum, counts) => sum.Plus(counts)),
            OldestUnacceptedSeconds = fresh.Min(one => one.Report.OldestUnacceptedAt) is { } oldest ? Math.Max(0, Math.Round((now - oldest).TotalSeconds, 3)) : null,
            Retries = fresh.SelectMany(one => one.Report.Retries).GroupBy(retry => retry.Key, StringComparer.Ordinal).OrderBy(code => code.Key, StringComparer.Ordinal).ToDictionary(code => code.Key, code => code.Sum(retry => retry.Value)),
            ThrottledShards = [.. fresh.SelectMany(one => one.Report.ThrottledShards).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    private static DestinationStatus Silent(string id, string sink, ToldReport last) => new(id, sink, "silent")
    {
        Reason = $"{last.Instance} was {last.Report.Standing}, and tells nothing any more; is its process running?",
        Since = last.At,
    };

    /// <summary>What needs a look most comes first.</summary>
    private static int Weight(SinkState state) => state switch
    {
        SinkState.Parked => 4,
        SinkState.Resync => 3,
        SinkState.Snapshot => 2,
        SinkState.Starting => 1,
        _ => 0,
    };
}
