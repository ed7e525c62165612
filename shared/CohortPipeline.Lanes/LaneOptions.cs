namespace CohortPipeline.Lanes;

/// <summary>What a service's lanes read, and how much they take into one commit.</summary>
public sealed class LaneOptions
{
    /// <summary>Consumer group of all lanes of the service, on all its instances.</summary>
    public required string Group { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Stable for the instance; the lane's number is added. A restart under the same id ends its predecessor's open transaction.</summary>
    public required string TransactionalId { get; init; }

    /// <summary>A lane's member of the group is named after its transactional id, and keeps its partitions over a short restart.</summary>
    public bool IsStaticMember { get; init; }

    /// <summary>Lanes of this instance: threads, each with its own reader and writer.</summary>
    public int LaneCount { get; init; } = 1;

    /// <summary>Most records of one poll.</summary>
    public int BatchRecordsMax { get; init; } = 1_000;

    /// <summary>Longest time from a first change to its commit while records keep coming.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A commit is made when this much was appended, or is to be at the commit.</summary>
    public long CommitBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a position that moved past markers alone may wait for its commit.</summary>
    public TimeSpan MarkerCommitInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait for records while there is nothing to do; what a processor does by time alone is this late at most.</summary>
    public TimeSpan IdleWait { get; init; } = TimeSpan.FromMilliseconds(50);
}
