using CohortPipeline.Lanes;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>The floor: each record read is written again, in the same lane and transactions, and nothing else is done.</summary>
internal sealed class CopyProcessor(string topic) : ILaneProcessor
{
    private LaneTopic? _topic;

    public void Begin(LaneOutput output) => _topic = output.Topic(topic);

    public IStateRestore? Restore(TopicPartition partition) => null;

    public void Assigned(in CommittedPosition committed, IStateRestore? restored)
    {
        // It keeps nothing a partition.
    }

    public void Removed(TopicPartition partition)
    {
        // So there is nothing to forget.
    }

    public int Process(RecordBatch batch, int first, LaneOutput output)
    {
        var next = first;
        while (next < batch.Records.Length)
        {
            ref readonly var record = ref batch.Records[next++];
            output.Append(_topic!, record.Partition, record.Key, record.Value);
            if (output.IsFull)
                break;
        }

        return next;
    }

    public bool Tick(LaneOutput output) => false;

    public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output)
    {
        // Nor anything a commit.
    }

    public void Promote()
    {
        // What was copied is copied.
    }

    public void Drop()
    {
        // The records come again.
    }
}
