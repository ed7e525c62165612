using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>An ordinal of the evaluators and its supervisor: processes come one after the other, or a second one while the first still sleeps.</summary>
internal sealed class EvaluatorSlot(SimulatedWorld world, EvaluatorSettings settings, int ordinal, Func<int> nextIncarnation) : IActor
{
    private readonly List<EvaluatorLife> _lives = [];

    /// <summary>Scaled down: nothing is started here.</summary>
    private bool _isStopped;

    public bool IsEmpty => _lives.TrueForAll(life => life.IsOver);

    public void Step()
    {
        _lives.RemoveAll(life => life.IsOver);
        if (!world.IsCalm && world.Chance(world.Plan.Rebalances, 1_000))
            Toggle();
        if (IsStartDue())
            _lives.Add(new(world, settings, ordinal, nextIncarnation()));
        foreach (var life in _lives)
        {
            if (!life.IsOver && life.Step())
                break;
        }
    }

    private bool IsStartDue()
    {
        if (_lives.Count == 0)
            return !_isStopped || world.IsCalm;
        if (_lives.Count > 1 || !_lives[0].Log.IsAsleep || !world.Chance(world.Plan.Takeovers, 1_000))
            return false;
        world.Counts.Takeovers++;
        world.Note($"ordinal {ordinal} is started a second time");
        return true;
    }

    private void Toggle()
    {
        world.Counts.Rebalances++;
        _isStopped = !_isStopped;
        if (_isStopped)
            _lives.Find(life => !life.IsBusy && !life.IsOver)?.Stop();
    }
}
