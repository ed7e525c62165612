using CohortPipeline.Log;

namespace CohortPipeline.Tests.Integration.Compliance;

/// <summary>Notes what happens to a member, keeps its own map of what it owns, and starts at the committed or the first offset.</summary>
public sealed class RecordingHandler(ILogReader reader) : IPositionedHandler
{
    private readonly HashSet<TopicPartition> _owned = [];

    public IReadOnlyCollection<TopicPartition> Owned => _owned;

    public List<CommittedPosition> Assigned { get; } = [];

    public List<TopicPartition> Revoked { get; } = [];

    public List<TopicPartition> Lost { get; } = [];

    public HashSet<int> Threads { get; } = [];

    /// <summary>Runs inside, before the partitions go.</summary>
    public Action<IReadOnlyList<TopicPartition>>? OnRevoked { get; set; }

    public Action<IReadOnlyList<CommittedPosition>>? OnAssigned { get; set; }

    long[] IPositionedHandler.Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        OnAssigned?.Invoke(partitions);
        Assigned.AddRange(partitions);
        foreach (var partition in partitions)
        {
            if (!_owned.Add(partition.TopicPartition))
                throw new InvalidOperationException($"{partition.TopicPartition} was assigned twice");
        }

        return [.. partitions.Select(partition => partition.Exists ? partition.Offset : reader.FirstOffset(partition.TopicPartition))];
    }

    void IPositionedHandler.Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        OnRevoked?.Invoke(partitions);
        Revoked.AddRange(partitions);
        _owned.ExceptWith(partitions);
    }

    void IPositionedHandler.Lost(IReadOnlyList<TopicPartition> partitions)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        Lost.AddRange(partitions);
        _owned.ExceptWith(partitions);
    }
}
