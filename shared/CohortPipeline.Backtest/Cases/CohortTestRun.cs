using System.Text.Json;

namespace CohortPipeline.Backtest;

/// <summary>What became of a case; without differences it passed.</summary>
/// <param name="Name">The case's.</param>
/// <param name="Differences">Lines for people: <c>- </c> what was expected and did not come, <c>+ </c> what came unexpected, with two spaces what agreed; and records that were refused.</param>
public sealed record CohortTestResult(string Name, IReadOnlyList<string> Differences)
{
    public bool Passed => Differences.Count == 0;
}

/// <summary>Runs the cases of a test file (<c>docs/spec/cohorts.md</c> §8).</summary>
public static class CohortTestRun
{
    /// <exception cref="InvalidOperationException">The definitions ask for membership of each other in a circle, or of cohorts that are not there.</exception>
    public static IReadOnlyList<CohortTestResult> Run(CohortTestFile file) => [.. file.Cases.Select(test => Run(file, test))];

    private static CohortTestResult Run(CohortTestFile file, CohortTestCase test)
    {
        var refused = new List<string>();
        var found = new List<IReadOnlyDictionary<string, string>>();
        using var run = new BacktestRun(file.Definitions, delta => found.Add(DeltaFields.Of(delta)));
        foreach (var record in test.Records)
        {
            if (record.Value is null)
                run.AdvanceTo(record.At);
            else
                run.Apply(record.Value, record.At, problem => refused.Add($"the record in line {record.Line} is none: {problem}"));
        }

        return new(test.Name, [.. refused, .. Compare(test.Deltas, InOrder(found))]);
    }

    /// <summary>Of one profile deltas have an order; between profiles of one instant there is none, so they stand by their ids.</summary>
    private static List<IReadOnlyDictionary<string, string>> InOrder(List<IReadOnlyDictionary<string, string>> found) =>
        [.. found.OrderBy(delta => delta["at"], StringComparer.Ordinal).ThenBy(Who, StringComparer.Ordinal)];

    private static IEnumerable<string> Compare(IReadOnlyList<ExpectedDelta> deltas, List<IReadOnlyDictionary<string, string>> found)
    {
        var expected = deltas.Select(delta => delta.Fields.ToDictionary()).ToList();
        if (expected.TrueForAll(delta => delta.ContainsKey("at")))
            expected = [.. expected.OrderBy(delta => delta["at"], StringComparer.Ordinal).ThenBy(Who, StringComparer.Ordinal)];
        var agreed = LongestAgreement(expected, found);
        if (agreed[0, 0] == expected.Count && agreed[0, 0] == found.Count)
            yield break;
        var (i, j) = (0, 0);
        while (i < expected.Count || j < found.Count)
        {
            if (i < expected.Count && j < found.Count && Agree(expected[i], found[j]))
                yield return $"  {Show(found[j++], expected[i++].Keys)}";
            else if (j == found.Count || (i < expected.Count && agreed[i + 1, j] >= agreed[i, j + 1]))
                yield return $"- {Show(expected[i], expected[i++].Keys)}";
            else
                yield return $"+ {Show(found[j++], [])}";
        }
    }

    /// <summary>For each pair of places how many deltas agree from there on, in one order, if as many as can be do.</summary>
    private static int[,] LongestAgreement(List<Dictionary<string, string>> expected, List<IReadOnlyDictionary<string, string>> found)
    {
        var agreed = new int[expected.Count + 1, found.Count + 1];
        for (var i = expected.Count - 1; i >= 0; i--)
        {
            for (var j = found.Count - 1; j >= 0; j--)
                agreed[i, j] = Agree(expected[i], found[j]) ? agreed[i + 1, j + 1] + 1 : Math.Max(agreed[i + 1, j], agreed[i, j + 1]);
        }

        return agreed;
    }

    private static bool Agree(Dictionary<string, string> expected, IReadOnlyDictionary<string, string> found) =>
        expected.All(field => found.TryGetValue(field.Key, out var value) && value == field.Value);

    /// <summary>A user's device may be another one with each delta.</summary>
    private static string Who(IReadOnlyDictionary<string, string> delta) => delta.GetValueOrDefault("user") ?? delta.GetValueOrDefault("device", "");

    /// <summary>The fields that say which delta it is, and the others that are asked for.</summary>
    private static string Show(IReadOnlyDictionary<string, string> delta, IEnumerable<string> asked) =>
        string.Join(", ", DeltaFields.Shown.Union(asked).Where(delta.ContainsKey).Select(name => $"{name}: {Plain(delta[name])}"));

    private static string Plain(string value) => value.StartsWith('"') ? JsonSerializer.Deserialize<string>(value)! : value;
}
