using System.Text;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

/// <summary>Holds bytes against a file that was reviewed once. With COHORT_WRITE_GOLDEN=1 it writes them instead, for the next review.</summary>
internal static class GoldenFile
{
    public static string PathOf(string folder, string name) => Repository.PathOf("tests", "Unit", folder, "Golden", name);

    public static void Check(string folder, string name, string actual)
    {
        var path = PathOf(folder, name);
        if (Environment.GetEnvironmentVariable("COHORT_WRITE_GOLDEN") == "1")
            File.WriteAllText(path, actual, new UTF8Encoding(false));
        Assert.True(File.Exists(path), $"there is no golden file {path}");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
