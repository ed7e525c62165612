using System.Globalization;

namespace CohortPipeline.Benchmarks.Workload;

/// <summary>How many profiles a benchmark has: a million, or what the environment says.</summary>
internal static class ProfileCount
{
    public const string Variable = "PROFILES";

    private const int Default = 1_000_000;

    public static int FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : Default;
}
