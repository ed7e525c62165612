namespace CohortPipeline.Log.Embedded.Groups;

/// <summary>What all groups have committed.</summary>
internal sealed class GroupPositions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Group, TopicPartition Partition), CommittedPosition> _positions = [];

    public void Put(string group, CommittedPosition position)
    {
        lock (_gate)
            _positions[(group, position.TopicPartition)] = position;
    }

    public CommittedPosition Get(string group, TopicPartition partition)
    {
        lock (_gate)
        {
            return _positions.TryGetValue((group, partition), out var position)
                ? position
                : new(partition.Topic, partition.Partition, CommittedPosition.None, "");
        }
    }
}
