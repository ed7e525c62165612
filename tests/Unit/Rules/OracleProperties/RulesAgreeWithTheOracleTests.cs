using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.OracleProperties;

/// <summary>
/// The rules keep only what definitions can need and look only at what a record touches; the oracle keeps everything and
/// looks at everything. On made-up histories both must say the same, delta for delta, in every field.
/// </summary>
/// <remarks>
/// A failing seed is printed with its history, made as small as it gets. <c>SEED=n</c> repeats from that seed on,
/// <c>CASES=n</c> sets how many are tried.
/// </remarks>
public sealed class RulesAgreeWithTheOracleTests
{
    private const int CaseCount = 2_000;

    [Fact]
    public void Rules_give_the_oracles_deltas_on_made_up_histories()
    {
        var deltas = 0;
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var activity = RandomActivity.Generate(seed);
            deltas += PartitionOracle.Run(0, activity.Options, activity.Records).Deltas.Sum(profile => profile.Value.Count);
            if (Difference(activity.Options, activity.Records) is not null)
                Assert.Fail(Report(seed, activity));
        }

        Assert.True(deltas > 0, "the histories made nobody move: the test proves nothing");
    }

    private static string Report(int seed, RandomActivity activity)
    {
        var smallest = ActivityShrinker.Shrink(activity.Records, records => Difference(activity.Options, records) is not null);
        return $"SEED={seed} CASES=1 repeats it. Clock {(activity.Options.RecordClock ? "record" : "wall")}, grace {activity.Options.Grace}, sources {string.Join(' ', activity.Options.SourceTopics)}.\n"
            + $"{Difference(activity.Options, smallest)}\n{ActivityShrinker.Print(smallest)}";
    }

    private static string? Difference(OracleOptions options, IReadOnlyList<OracleRecord> records)
    {
        var expected = PartitionOracle.Run(0, options, records);
        OracleResult actual;
        try
        {
            actual = RulesPartition.Run(options, records);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            return exception.ToString();
        }

        return DeltaComparer.CompareDeltas(expected.Deltas, actual.Deltas).Concat(DeltaComparer.CompareRows(expected, actual.Memberships)).FirstOrDefault();
    }
}
