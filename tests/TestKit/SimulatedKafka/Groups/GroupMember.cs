using CohortPipeline.Log;

namespace CohortPipeline.TestKit.SimulatedKafka.Groups;

/// <summary>A member as the group sees it.</summary>
internal sealed class GroupMember(SimulatedLog client, IReadOnlyList<string> topics)
{
    public SimulatedLog Client { get; } = client;

    public IReadOnlyList<string> Topics { get; } = topics;

    /// <summary>False once the group has thrown it out; it hears of it at its next poll.</summary>
    public bool IsIn { get; set; } = true;

    /// <summary>What it holds: nobody else gets it before it is given up.</summary>
    public HashSet<TopicPartition> Owned { get; } = [];

    /// <summary>What it is to hold.</summary>
    public HashSet<TopicPartition> Target { get; } = [];

    /// <summary>The newest generation that its client has heard of.</summary>
    public int Generation { get; set; }

    /// <summary>Eager only: it has not given everything up yet.</summary>
    public bool MustGiveUp { get; set; }

    /// <summary>When its heartbeats were heard last.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>When it polled last.</summary>
    public TimeSpan PolledAt { get; set; }
}
