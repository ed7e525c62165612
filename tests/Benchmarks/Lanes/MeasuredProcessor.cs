using CohortPipeline.Lanes;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>Tells what one lane commits, and how long its thread was in each stage. It looks at a clock once a call, not once a record.</summary>
internal sealed class MeasuredProcessor(ILaneProcessor inner, LaneProgress progress) : ILaneProcessor, IDisposable
{
    private readonly StageTimes _stages = new();
    private bool _isMeasuring;
    private long _open;

    public void Dispose()
    {
        (inner as IDisposable)?.Dispose();
        progress.Spent(_stages);
    }

    public void Begin(LaneOutput output) => inner.Begin(output);

    public IStateRestore? Restore(TopicPartition partition) => inner.Restore(partition);

    public void Assigned(in CommittedPosition committed, IStateRestore? restored) => inner.Assigned(committed, restored);

    public void Removed(TopicPartition partition) => inner.Removed(partition);

    public int Process(RecordBatch batch, int first, LaneOutput output)
    {
        _stages.Was(StageTimes.Poll);
        var done = inner.Process(batch, first, output);
        _open += done - first;
        _stages.Was(StageTimes.Process);
        return done;
    }

    public bool Tick(LaneOutput output)
    {
        var isMoreDue = inner.Tick(output);
        _stages.Was(StageTimes.Timers);
        return isMoreDue;
    }

    public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output)
    {
        inner.Stage(commits, output);
        _stages.Was(StageTimes.Stage);
    }

    public void Promote()
    {
        _stages.Was(StageTimes.Commit);
        inner.Promote();
        _stages.Was(StageTimes.Promote);
        progress.Committed(_open);
        _open = 0;
        if (_isMeasuring || !progress.IsMeasuring)
            return;
        _isMeasuring = true;
        _stages.Clear();
    }

    public void Drop()
    {
        inner.Drop();
        _open = 0;
    }
}
