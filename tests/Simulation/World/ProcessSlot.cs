namespace CohortPipeline.Tests.Simulation.World;

/// <summary>An ordinal of a service and its supervisor: processes come one after the other, or a second one while the first still sleeps.</summary>
internal sealed class ProcessSlot(SimulatedWorld world, ProcessSetup setup, int ordinal, Func<int> nextIncarnation) : IActor
{
    private readonly List<ProcessLife> _lives = [];

    /// <summary>Scaled down: nothing is started here.</summary>
    private bool _isStopped;

    public void Step()
    {
        _lives.RemoveAll(life => life.IsOver);
        if (!world.IsCalm && world.Chance(world.Plan.Rebalances, 1_000))
            Toggle();
        if (IsStartDue())
            _lives.Add(new(world, setup, ordinal, nextIncarnation()));
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
