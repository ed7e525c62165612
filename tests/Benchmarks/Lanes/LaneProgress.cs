namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>What all lanes of a run have committed: reads the meters at the first commit behind each round's end, and stops the lanes behind the last.</summary>
internal sealed class LaneProgress(LaneRun run, CancellationTokenSource stop)
{
    private readonly Lock _lock = new();
    private readonly List<(long Records, Meter Meter)> _marks = [];
    private readonly StageTimes _stages = new();
    private long _committed;
    private volatile bool _isMeasuring;

    /// <summary>The warm-up is over.</summary>
    public bool IsMeasuring => _isMeasuring;

    public void Committed(long records)
    {
        lock (_lock)
        {
            _committed += records;
            if (_marks.Count <= run.Rounds && _committed >= run.WarmUp + (_marks.Count * run.PerRound))
                Mark();
        }
    }

    /// <summary>What one lane's thread spent since the warm-up.</summary>
    public void Spent(StageTimes stages)
    {
        lock (_lock)
            _stages.Add(stages);
    }

    public LaneMeasurements Take()
    {
        if (_marks.Count <= run.Rounds)
            throw new InvalidOperationException($"the lanes committed {_committed} of {run.Total} records, then stopped");
        var rounds = _marks.Zip(_marks.Skip(1), (from, to) => from.Meter.Until(to.Meter, to.Records - from.Records));
        return new([.. rounds], _stages);
    }

    private void Mark()
    {
        _marks.Add((_committed, Meter.Read()));
        _isMeasuring = true;
        if (_marks.Count > run.Rounds)
            stop.Cancel();
    }
}
