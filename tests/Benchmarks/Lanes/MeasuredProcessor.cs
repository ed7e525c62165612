using CohortPipeline.Lanes;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>Reads the meters at the first commit behind each round's end, and stops the lane behind the last. It looks at a clock once a call, not once a record.</summary>
internal sealed class MeasuredProcessor(ILaneProcessor inner, LaneRun run, CancellationTokenSource stop) : ILaneProcessor
{
    private readonly List<(long Records, Meter Meter)> _marks = [];
    private readonly StageTimes _stages = new();
    private long _open;
    private long _committed;

    public LaneMeasurements Take()
    {
        (inner as IDisposable)?.Dispose();
        if (_marks.Count <= run.Rounds)
            throw new InvalidOperationException($"the lane committed {_committed} of {run.Total} records, then stopped");
        var rounds = _marks.Zip(_marks.Skip(1), (from, to) => from.Meter.Until(to.Meter, to.Records - from.Records));
        return new([.. rounds], _stages);
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
        _committed += _open;
        _open = 0;
        if (_marks.Count <= run.Rounds && _committed >= run.WarmUp + (_marks.Count * run.PerRound))
            Mark();
    }

    public void Drop()
    {
        inner.Drop();
        _open = 0;
    }

    private void Mark()
    {
        _marks.Add((_committed, Meter.Read()));
        if (_marks.Count == 1)
            _stages.Clear();
        if (_marks.Count > run.Rounds)
            stop.Cancel();
    }
}
