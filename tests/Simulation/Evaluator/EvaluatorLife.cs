using System.Globalization;
using CohortPipeline.Evaluator;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Memory;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Simulation.World;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>One process of an evaluator from its start to its end: the real lane with the real processor, stepped.</summary>
internal sealed class EvaluatorLife
{
    private readonly SimulatedWorld _world;
    private readonly SimulatedLog _log;
    private readonly Lane _lane;
    private readonly SteppedRestores _restores;
    private readonly string _name;
    private bool _hasBegun;

    public EvaluatorLife(SimulatedWorld world, EvaluatorSettings settings, int ordinal, int incarnation)
    {
        _world = world;
        _name = string.Create(CultureInfo.InvariantCulture, $"evaluator-{ordinal}.{incarnation}");
        _log = world.Broker.Connect(_name);
        _restores = new(world.Random);
        ILogger logger = world.Journal ?? (ILogger)NullLogger.Instance;
        _lane = new(
            _log,
            settings.LaneOptions(ordinal),
            new LaneLife(Number: 0, Incarnation: incarnation.ToString(CultureInfo.InvariantCulture), world.Random, _log.Wait, _restores),
            _ => new EvaluatorProcessor(settings.Pipeline, settings.Options, _log.Clock, logger),
            _log.Clock,
            logger,
            CancellationToken.None);
    }

    public bool IsOver { get; private set; }

    public bool IsAsleep => _log.IsAsleep;

    public bool IsBusy { get; private set; }

    /// <summary>The next thing one of its threads does: the lane's, or one that restores.</summary>
    public void Step() => Do(() =>
    {
        if (!_restores.IsIdle && _world.Random.Next(2) == 0)
            _restores.Step();
        else if (_hasBegun)
            _lane.Turn();
        else
            Begin();
    });

    /// <summary>Stops in good order.</summary>
    public void Stop() => Do(() =>
    {
        _world.Note("stops");
        if (_hasBegun)
            _lane.Leave();
        _lane.Dispose();
        IsOver = true;
    });

    private void Begin()
    {
        _world.Note("starts");
        _lane.Begin();
        _hasBegun = true;
    }

    /// <summary>A killed process is just gone; one that gives up, as it should where it is fenced, leaves its group and goes.</summary>
    private void Do(Action action)
    {
        IsBusy = true;
        try
        {
            _world.Act(_name, action);
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
        finally
        {
            IsBusy = false;
        }
    }
}
