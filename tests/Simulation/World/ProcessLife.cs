using System.Globalization;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>One process of a service from its start to its end: the real lane with the real processor, and its restores, stepped.</summary>
internal sealed class ProcessLife
{
    private readonly SimulatedWorld _world;
    private readonly Lane _lane;
    private readonly SimulatedRestores _restores;
    private readonly string _name;

    public ProcessLife(SimulatedWorld world, ProcessSetup setup, int ordinal, int incarnation)
    {
        _world = world;
        _name = string.Create(CultureInfo.InvariantCulture, $"{setup.Name}-{ordinal}.{incarnation}");
        Log = world.Broker.Connect(_name);
        _restores = new(world.Random, Log.Clock);
        ILogger logger = world.Journal ?? (ILogger)NullLogger.Instance;
        _lane = new(
            Log,
            setup.LaneOptions(ordinal),
            new LaneLife(Number: 0, Incarnation: incarnation.ToString(CultureInfo.InvariantCulture), world.Random, Log.Wait, _restores),
            _ => setup.CreateProcessor(Log, logger),
            Log.Clock,
            logger,
            CancellationToken.None);
    }

    public SimulatedLog Log { get; }

    public bool HasBegun { get; private set; }

    public bool IsOver { get; private set; }

    /// <summary>It is in its group, and whatever it was given is restored.</summary>
    public bool IsJoined => _lane.IsJoined;

    /// <summary>What the lane's thread has done to its end: a turn each.</summary>
    public int Turns { get; private set; }

    /// <summary>The lane's thread is in the middle of something.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>The next thing that one of its threads does, the lane's or one that restores; false: both are in the middle of something, or the process sleeps.</summary>
    public bool Step()
    {
        if (Log.IsAsleep)
            return false;
        var isRestoreReady = _restores.IsReady;
        if (isRestoreReady && (IsBusy || _world.Random.Next(2) == 0))
            Do(_restores.Step);
        else if (IsBusy)
            return false;
        else
            DoInLane(HasBegun ? _lane.Turn : Begin);
        return true;
    }

    /// <summary>Stops in good order.</summary>
    public void Stop() => DoInLane(() =>
    {
        _world.Note("stops");
        if (HasBegun)
            _lane.Leave();
        _lane.Dispose();
        IsOver = true;
    });

    private void Begin()
    {
        _world.Note("starts");
        _lane.Begin();
        HasBegun = true;
    }

    private void DoInLane(Action action)
    {
        IsBusy = true;
        Do(action);
        IsBusy = false;
        Turns++;
    }

    /// <summary>A killed process is just gone; one that gives up, as it should where it is fenced, leaves its group and goes.</summary>
    private void Do(Action action)
    {
        try
        {
            _world.Act(_name, action);
            IsOver |= Log.IsDead;
        }
        catch (SimulatedKillException)
        {
            IsOver = true;
        }
        catch (Exception exception) when (exception is FencedException or LogUnavailableException)
        {
            _world.Counts.Deaths++;
            _world.Note($"gives up: {exception.Message}");
            _lane.Dispose();
            IsOver = true;
        }
    }
}
