using System.Globalization;

namespace CohortPipeline.TestKit;

/// <summary>Which cases a seeded test tries: <c>SEED</c> and <c>CASES</c> in the environment say otherwise than the test does.</summary>
public static class Cases
{
    private const int FirstSeed = 1;

    public static IEnumerable<int> Seeds(int count)
    {
        var first = Setting("SEED", FirstSeed);
        return Enumerable.Range(first, Setting("CASES", count));
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
