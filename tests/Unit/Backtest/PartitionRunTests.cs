using System.Text;
using CohortPipeline.Backtest;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Steps;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Unit.Backtest;

/// <summary>A partition in memory, and test files of cohorts, held against the oracle on made-up histories in order.</summary>
public sealed class PartitionRunTests
{
    private const int CaseCount = 1_000;

    [Fact]
    public void Gives_the_oracles_deltas_in_every_field()
    {
        var tried = 0;
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var activity = RandomActivity.Generate(seed);
            if (!activity.IsInOrder)
                continue;
            tried++;
            var expected = PartitionOracle.Run(0, activity.Options, activity.Records);
            if (DeltaComparer.CompareDeltas(expected.Deltas, Run(activity.Records, activity.Options.RememberedEventsMax)) is [var difference, ..])
                Assert.Fail($"SEED={seed} CASES=1 repeats it.\n{difference}\n{ActivityShrinker.Print(activity.Records)}");
        }

        Assert.True(tried > 0, "no history was in order");
    }

    [Fact]
    public void A_case_that_the_oracle_writes_passes_as_a_test_file()
    {
        var tried = 0;
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var activity = RandomActivity.Generate(seed);
            if (!activity.IsInOrder)
                continue;
            tried++;
            var asShipped = activity.Options with { RememberedEventsMax = Stepper.RememberedEventsDefault };
            var text = CohortPipeline.TestKit.Oracle.CohortTestFile.Write($"seed {seed}", activity.Records, PartitionOracle.Run(0, asShipped, activity.Records));
            var reading = CohortTestReader.Read(text, "a.cohort-test.yaml", _ => []);
            Assert.True(reading.Errors.Count == 0, $"SEED={seed}: {string.Join('\n', reading.Errors)}\n{text}");
            var result = Assert.Single(CohortTestRun.Run(reading.File!));
            Assert.True(result.Passed, $"SEED={seed}: {string.Join('\n', result.Differences)}\n{text}");
        }

        Assert.True(tried > 0, "no history was in order");
    }

    private static Dictionary<string, IReadOnlyList<OracleDelta>> Run(IReadOnlyList<OracleRecord> records, int rememberedEventsMax)
    {
        var deltas = new List<OracleDelta>();
        var run = new PartitionRun(value => deltas.Add(Read(value)), rememberedEventsMax);
        var definitions = new List<CohortDefinition>();
        var reader = new ActivityReader();
        foreach (var record in records)
        {
            Assert.True(reader.TryRead(record.Value, out var activity, out var error), error);
            if (!activity.Definition.IsEmpty)
            {
                definitions.AddRange(DefinitionParser.Parse(activity.Definition, "a marker").Definitions);
                if (activity.Part == activity.Parts)
                    run.Define(definitions);
            }
            else if (activity.Until is { } until)
            {
                run.AdvanceTo(until);
            }
            else
            {
                Assert.Empty(run.Apply(Encoding.UTF8.GetBytes(record.Key), record.Value));
            }
        }

        return deltas.GroupBy(delta => delta.ProfileKey).ToDictionary(profile => profile.Key, profile => (IReadOnlyList<OracleDelta>)[.. profile]);
    }

    private static OracleDelta Read(ReadOnlySpan<byte> value)
    {
        var delta = OracleDelta.Read("", value);
        return delta with { ProfileKey = delta.UserId is { } user ? $"u:{user}" : $"d:{delta.DeviceId}" };
    }
}
