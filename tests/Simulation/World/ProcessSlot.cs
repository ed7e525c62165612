namespace CohortPipeline.Tests.Simulation.World;

/// <summary>An ordinal of a service and its supervisor: processes come one after the other, or a second one while the first still sleeps.</summary>
internal sealed class ProcessSlot(SimulatedWorld world, ProcessSetup setup, int ordinal, Func<int> nextIncarnation) : IActor
{
    private readonly List<ProcessLife> _lives = [];

    /// <summary>Scaled down: nothing is started here.</summary>
    private bool _isStopped;

    /// <summary>A process runs here, and whoever does has restored what it was given.</summary>
    public bool IsUp => _lives.Exists(life => !life.IsOver) && _lives.TrueForAll(life => life.IsOver || life.IsJoined);

    /// <summary>Turns that the processes of now have taken.</summary>
    public int Turns => _lives.Sum(life => life.Turns);

    public void Step()
    {
        _lives.RemoveAll(life => life.IsOver);
        if (!world.IsCalm && world.Chance(world.Plan.Rebalances, 1_000))
            Toggle();
        if (IsStartDue())
            _lives.Add(new(world, setup, ordinal, nextIncarnation()));
        var first = _lives.Count == 0 ? 0 : world.Random.Next(_lives.Count);
        for (var i = 0; i < _lives.Count; i++)
        {
            if (_lives[(first + i) % _lives.Count] is { IsOver: false } life && life.Step())
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
