using System.Collections.Concurrent;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.OracleProperties;

/// <summary>
/// The rules keep only what definitions can need and look only at what a record touches; the oracle keeps everything and
/// looks at everything. On made-up definitions and histories both must say the same, delta for delta, in every field: also if
/// the rules' state is stored and read again at any point, and if the history is spread over several partitions.
/// </summary>
/// <remarks>
/// A failing seed is printed with its history, made as small as it gets. <c>SEED=n</c> repeats from that seed on,
/// <c>CASES=n</c> sets how many are tried, <c>FEATURES=Calendar,Days</c> which parts of the language.
/// </remarks>
public sealed class RulesAgreeWithTheOracleTests
{
    private const int CaseCount = 20_000;

    private static readonly LanguageFeatures Features =
        Enum.TryParse(Environment.GetEnvironmentVariable("FEATURES"), out LanguageFeatures chosen) ? chosen : LanguageFeatures.Known;

    [Fact]
    public void Rules_give_the_oracles_deltas_on_made_up_histories()
    {
        var deltas = 0;
        var failed = new ConcurrentBag<int>();
        Parallel.ForEach(Cases.Seeds(CaseCount), new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var activity = RandomActivity.Generate(seed, Features);
            var expected = PartitionOracle.Run(0, activity.Options, activity.Records);
            Interlocked.Add(ref deltas, expected.Deltas.Sum(profile => profile.Value.Count));
            if (Difference(expected, activity.Options, activity.Records, seed, activity.IsInOrder) is null)
                return;
            failed.Add(seed);
            loop.Break();
        });
        if (!failed.IsEmpty)
            Assert.Fail(Report(failed.Min()));
        Assert.True(deltas > 0, "the histories made nobody move: the test proves nothing");
    }

    private static string Report(int seed)
    {
        var activity = RandomActivity.Generate(seed, Features);
        var options = activity.Options;
        string? DifferenceOf(IReadOnlyList<OracleRecord> records) =>
            Difference(PartitionOracle.Run(0, options, records), options, records, seed, activity.IsInOrder);
        bool IsStillWrong(IReadOnlyList<OracleRecord> records)
        {
            try
            {
                return AreAccepted(records) && DifferenceOf(records) is not null;
            }
            catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
            {
                // Made so small that the oracle cannot read it: no record of `activity` any more.
                return false;
            }
        }

        var smallest = ActivityShrinker.Shrink(activity.Records, IsStillWrong);
        return $"SEED={seed} CASES=1{(Features == LanguageFeatures.Known ? "" : $" FEATURES='{Features}'")} repeats it. Clock {(options.RecordClock ? "record" : "wall")}, grace {options.Grace}, sources {string.Join(' ', options.SourceTopics)}, {options.RememberedEventsMax} events remembered, {(activity.IsInOrder ? "partitions" : Restarts(seed) is null ? "no restarts" : "restarts")}.\n"
            + $"{DifferenceOf(smallest)}\n{ActivityShrinker.Print(smallest)}\n\n# seed-{seed}.cohort-test.yaml\n{CohortTestFile.Write($"seed {seed}", smallest, PartitionOracle.Run(0, options, smallest))}";
    }

    private static string? Difference(OracleResult expected, OracleOptions options, IReadOnlyList<OracleRecord> records, int seed, bool isInOrder)
    {
        OracleResult actual;
        try
        {
            actual = isInOrder ? RulesPartition.RunApart(options, records) : RulesPartition.Run(options, records, Restarts(seed));
        }
        catch (Exception exception) when (exception is InvalidOperationException or InvalidDataException or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            return exception.ToString();
        }

        return DeltaComparer.CompareDeltas(expected.Deltas, actual.Deltas).Concat(DeltaComparer.CompareRows(expected, actual.Memberships)).FirstOrDefault();
    }

    /// <summary>Every second history is run with restarts in it.</summary>
    private static Random? Restarts(int seed) => seed % 2 == 0 ? null : new(seed);

    /// <summary>What is left of a definition that was made smaller may be none any more.</summary>
    private static bool AreAccepted(IReadOnlyList<OracleRecord> records)
    {
        var reader = new CohortPipeline.Contracts.ActivityReader();
        foreach (var record in records)
        {
            if (!reader.TryRead(record.Value, out var activity, out _) || (!activity.Definition.IsEmpty && !DefinitionParser.Parse(activity.Definition, "a marker").IsAccepted))
                return false;
        }

        return true;
    }
}
