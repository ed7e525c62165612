using CohortPipeline.Lanes;
using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>A service: what the lane of each of its processes is made of.</summary>
internal sealed record ProcessSetup(string Name, Func<int, LaneOptions> LaneOptions, Func<SimulatedLog, ILogger, ILaneProcessor> CreateProcessor);
