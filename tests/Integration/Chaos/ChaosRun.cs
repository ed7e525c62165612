using CohortPipeline.TestKit.Kafka;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>
/// Real processes on a real Kafka, killed, frozen and cut off again and again under load; the points are drawn from a seed,
/// and after each stage the property is checked that every run must have: the same records, the same deltas.
/// </summary>
/// <remarks>What a process has done until a point is up to the machine: a seed repeats what is done to it, not what it does.</remarks>
internal sealed class ChaosRun(SharedKafka kafka, ChaosOptions options, IProgress<ChaosProgress> progress)
{
    /// <summary>Answers the summary.</summary>
    /// <exception cref="ChaosFault">A stage has found a fault: seed, points and logs are in the message.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        var stages = ChaosPlan.Draw(options.Seed, options.Points, options.StagePoints);
        var state = new ChaosProgress(0, options.Points, 0, stages.Count, "", null, 0, 0, 0);
        await using (var cluster = await ChaosCluster.StartAsync(kafka, folder))
        {
            for (var number = 0; number < stages.Count; number++)
            {
                var protocol = options.ProtocolOf(number);
                state = state with { Stage = number + 1, Protocol = protocol };
                var stage = new ChaosStage(cluster, Path.Combine(folder, $"stage-{number + 1}"), protocol, options.Seed + number);
                try
                {
                    var result = await stage.RunAsync(stages[number], point => progress.Report(state = state with { Point = point.Number, Current = point }), cancellation);
                    state = state with { Current = null, Published = state.Published + result.Published, Deltas = state.Deltas + result.Deltas, Fenced = state.Fenced + result.Fenced.Count };
                    progress.Report(state);
                }
                catch (ChaosFault fault)
                {
                    throw new ChaosFault(
                        $"""
                        seed {options.Seed}, stage {number + 1} of {stages.Count} ({protocol} groups), at point {state.Point} of {options.Points}: {fault.Message}
                        The stage's points:
                          {string.Join("\n  ", stages[number])}
                        Again: make chaos SEED={options.Seed} POINTS={options.Points}
                        """,
                        fault);
                }
            }
        }

        Directory.Delete(folder, recursive: true);
        return $"{options.Points} points in {stages.Count} stages, seed {options.Seed}: {state.Published} records and {state.Deltas} deltas compared, {state.Fenced} services fenced and started again, 0 faults";
    }
}

/// <summary>Where a run stands; <paramref name="Current"/> is null when a stage has just been compared.</summary>
internal sealed record ChaosProgress(int Point, int Points, int Stage, int Stages, string Protocol, ChaosPoint? Current, int Published, int Deltas, int Fenced)
{
    public override string ToString() =>
        $"chaos: {Point} of {Points} points, stage {Stage} of {Stages} ({Protocol}): {(Current is null ? $"the same deltas ({Deltas} so far, of {Published} records)" : Current)}";
}
