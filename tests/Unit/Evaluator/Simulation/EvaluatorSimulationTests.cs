using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Oracle;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator.Simulation;

/// <summary>
/// Whatever happens to the process, the deltas and rows of a partition are a function of its records: the oracle's. The
/// method: made-up histories through the real lane, processor, profile store and changelog, on a log that fails as a seed
/// says. A failing seed is printed with its history, made small; <c>SEED=n CASES=1</c> repeats it.
/// </summary>
public sealed class EvaluatorSimulationTests
{
    private const int NoFaults = 0;
    private const int ManyFaults = 25;

    [Fact]
    public Task Gives_the_oracles_deltas_when_all_goes_well() => TryAsync(400, NoFaults);

    [Fact]
    public Task Gives_the_oracles_deltas_through_kills_rebalances_and_failing_commits() => TryAsync(1_600, ManyFaults);

    private static async Task TryAsync(int cases, int faultsPercent)
    {
        foreach (var seed in Cases.Seeds(cases))
        {
            var activity = RandomActivity.Generate(seed);
            if (await EvaluatorSimulation.DifferenceAsync(activity.Options, activity.Records, seed, faultsPercent) is not null)
                Assert.Fail(Report(seed, activity, faultsPercent));
        }
    }

    private static string Report(int seed, RandomActivity activity, int faultsPercent)
    {
        string? Difference(IReadOnlyList<OracleRecord> records) =>
            EvaluatorSimulation.DifferenceAsync(activity.Options, records, seed, faultsPercent).GetAwaiter().GetResult();
        var smallest = ActivityShrinker.Shrink(activity.Records, records => Difference(records) is not null);
        return $"SEED={seed} CASES=1 repeats it. {activity.Options}\n{Difference(smallest)}\n{ActivityShrinker.Print(smallest)}";
    }
}
