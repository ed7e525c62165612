using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>A service: what each of its processes does.</summary>
internal sealed record ProcessSetup(string Name, Func<ProcessStart, IProcessWork> CreateWork);

/// <summary>A process that begins.</summary>
/// <param name="World">Where it lives.</param>
/// <param name="Log">Its client of the broker, with its clock.</param>
/// <param name="Ordinal">Its place in the service.</param>
/// <param name="Incarnation">Tells it from all others.</param>
/// <param name="Logger">What it tells.</param>
internal sealed record ProcessStart(SimulatedWorld World, SimulatedLog Log, int Ordinal, int Incarnation, ILogger Logger);

/// <summary>What a process does, a turn at a time.</summary>
internal interface IProcessWork : IDisposable
{
    /// <summary>It is in its group, and whatever it was given is ready.</summary>
    bool IsJoined { get; }

    /// <summary>Another thread of it can take a step now.</summary>
    bool IsAsideReady { get; }

    void Begin();

    void Turn();

    /// <summary>The other thread's step.</summary>
    void StepAside();

    /// <summary>Stops in good order.</summary>
    void Leave();
}
