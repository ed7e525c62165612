using System.Globalization;
using CohortPipeline.Lanes;
using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>A process with one lane: the real lane with the real processor, and its restores.</summary>
internal sealed class LaneWork : IProcessWork
{
    private readonly Lane _lane;
    private readonly SimulatedRestores _restores;

    private LaneWork(ProcessStart start, LaneOptions options, Func<SimulatedLog, ILogger, ILaneProcessor> createProcessor)
    {
        _restores = new(start.World.Random, start.Log.Clock);
        _lane = new(
            start.Log,
            options,
            new LaneLife(Number: 0, Incarnation: start.Incarnation.ToString(CultureInfo.InvariantCulture), start.World.Random, start.Log.Wait, _restores),
            _ => createProcessor(start.Log, start.Logger),
            start.Log.Clock,
            start.Logger,
            CancellationToken.None);
    }

    /// <summary>A service of such processes.</summary>
    public static ProcessSetup Setup(string name, Func<int, LaneOptions> options, Func<SimulatedLog, ILogger, ILaneProcessor> createProcessor) =>
        new(name, start => new LaneWork(start, options(start.Ordinal), createProcessor));

    public bool IsJoined => _lane.IsJoined;

    public bool IsAsideReady => _restores.IsReady;

    public void Begin() => _lane.Begin();

    public void Turn() => _lane.Turn();

    public void StepAside() => _restores.Step();

    public void Leave() => _lane.Leave();

    public void Dispose() => _lane.Dispose();
}
