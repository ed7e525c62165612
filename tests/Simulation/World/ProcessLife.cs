using System.Globalization;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>One process of a service from its start to its end, stepped.</summary>
internal sealed class ProcessLife
{
    private readonly SimulatedWorld _world;
    private readonly IProcessWork _work;
    private readonly string _name;

    public ProcessLife(SimulatedWorld world, ProcessSetup setup, int ordinal, int incarnation)
    {
        _world = world;
        _name = string.Create(CultureInfo.InvariantCulture, $"{setup.Name}-{ordinal}.{incarnation}");
        Log = world.Broker.Connect(_name);
        _work = setup.CreateWork(new(world, Log, ordinal, incarnation, world.Journal ?? (ILogger)NullLogger.Instance));
    }

    public SimulatedLog Log { get; }

    public bool HasBegun { get; private set; }

    public bool IsOver { get; private set; }

    /// <summary>It is in its group, and whatever it was given is restored.</summary>
    public bool IsJoined => _work.IsJoined;

    /// <summary>What its main thread has done to its end: a turn each.</summary>
    public int Turns { get; private set; }

    /// <summary>Its main thread is in the middle of something.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>The next thing that one of its threads does, the main one or one beside it; false: both are in the middle of something, or the process sleeps.</summary>
    public bool Step()
    {
        if (Log.IsAsleep)
            return false;
        var isAsideReady = _work.IsAsideReady;
        if (isAsideReady && (IsBusy || _world.Random.Next(2) == 0))
            Do(_work.StepAside);
        else if (IsBusy)
            return false;
        else
            DoMain(HasBegun ? _work.Turn : Begin);
        return true;
    }

    /// <summary>Stops in good order.</summary>
    public void Stop() => DoMain(() =>
    {
        _world.Note("stops");
        if (HasBegun)
            _work.Leave();
        _work.Dispose();
        IsOver = true;
    });

    private void Begin()
    {
        _world.Note("starts");
        _work.Begin();
        HasBegun = true;
    }

    private void DoMain(Action action)
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
            _work.Dispose();
            IsOver = true;
        }
    }
}
