using System.Reflection;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Architecture;

/// <summary>Who may see whom, by what assemblies really reference. <c>docs/architecture.md</c> says why.</summary>
public sealed class LayeringTests
{
    private const string Own = "CohortPipeline.";

    private static readonly string[] Libraries =
    [
        "Contracts", "Rules", "State", "Log", "Log.Kafka", "Lanes", "Ingest", "Evaluator", "Control", "Sinks", "Sinks.Kinesis", "Sinks.S3",
        "SchemaRegistry", "Telemetry", "Hosting", "Kinesis.Local", "Backtest",
    ];

    /// <summary>The most that each library may see of the others.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Rules"] = ["Contracts"],
        ["State"] = [],
        ["Log"] = ["Contracts"],
        ["Telemetry"] = ["Contracts", "Log"],
        ["Log.Kafka"] = ["Contracts", "Log", "Telemetry"],
        ["Lanes"] = ["Contracts", "Log", "Telemetry", "Hosting"],
        ["Hosting"] = ["Contracts", "Log", "Log.Kafka", "Telemetry"],
        ["SchemaRegistry"] = ["Contracts", "Log", "Hosting"],
        ["Ingest"] = ["Contracts", "Log", "Lanes", "Telemetry", "Hosting", "SchemaRegistry"],
        ["Evaluator"] = ["Contracts", "Rules", "State", "Log", "Lanes", "Telemetry", "Hosting"],
        ["Backtest"] = ["Contracts", "Rules", "Ingest", "Evaluator"],
        ["Sinks"] = ["Contracts", "Log", "Telemetry", "Hosting"],
        ["Sinks.Kinesis"] = ["Contracts", "Log", "Telemetry", "Hosting", "Sinks"],
        ["Sinks.S3"] = ["Contracts", "Log", "Telemetry", "Hosting", "Sinks"],
        ["Kinesis.Local"] = ["Contracts"],
        ["Control"] = ["Contracts", "Rules", "Log", "Telemetry", "Hosting", "Ingest", "Sinks"],
    };

    /// <summary>Packages that one part of the house alone may see.</summary>
    private static readonly Dictionary<string, string[]> Owners = new()
    {
        ["Confluent.Kafka"] = ["Log.Kafka"],
        ["Confluent.SchemaRegistry"] = ["SchemaRegistry"],
        ["AWSSDK"] = ["Sinks.Kinesis", "Sinks.S3"],
        ["Microsoft.Data.Sqlite"] = ["Log"],
    };

    public static TheoryData<string> AllLibraries => [.. Libraries];

    [Theory]
    [MemberData(nameof(AllLibraries))]
    public void A_library_sees_only_what_it_may(string library)
    {
        var seen = References(library).Where(name => name.StartsWith(Own, StringComparison.Ordinal)).Select(name => name[Own.Length..]);
        Assert.Empty(seen.Except(Allowed[library]));
    }

    [Theory]
    [MemberData(nameof(AllLibraries))]
    public void Only_its_owner_sees_a_package(string library)
    {
        foreach (var (package, owners) in Owners)
        {
            if (!owners.Contains(library))
                Assert.DoesNotContain(References(library), name => name.StartsWith(package, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(AllLibraries))]
    public void No_library_sees_tests_or_test_tools(string library) =>
        Assert.DoesNotContain(References(library), name =>
            name.Contains("xunit", StringComparison.OrdinalIgnoreCase) || name.StartsWith("CohortPipeline.Test", StringComparison.Ordinal) || name.StartsWith("FsCheck", StringComparison.Ordinal));

    [Theory]
    [InlineData("System.Threading.Thread")]
    [InlineData("System.Net")]
    [InlineData("System.Random")]
    [InlineData("System.Diagnostics.Process")]
    public void Rules_references_no_threads_network_or_randomness(string assembly) =>
        Assert.DoesNotContain(References("Rules"), name => name.StartsWith(assembly, StringComparison.Ordinal));

    [Fact]
    public void Every_library_is_listed_here()
    {
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "shared")).Select(folder => Path.GetFileName(folder)[Own.Length..]);
        Assert.Equal(Libraries.Order(), projects.Order());
    }

    [Fact]
    public void No_service_sees_a_service()
    {
        foreach (var project in Directory.GetFiles(Path.Combine(Repository.Root, "services"), "*.csproj", SearchOption.AllDirectories))
            Assert.DoesNotContain("../../services/", File.ReadAllText(project).Replace('\\', '/'), StringComparison.Ordinal);
    }

    /// <summary>A server of another's service is a tool for development: nothing that runs in production carries it.</summary>
    [Fact]
    public void The_local_Kinesis_ships_with_the_command_line_alone()
    {
        var projects = new[] { "shared", "services" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(project => File.ReadAllText(project).Contains("CohortPipeline.Kinesis.Local.csproj", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(["CohortCtl"], projects);
    }

    [Fact]
    public void Nothing_that_ships_sees_tests()
    {
        foreach (var folder in new[] { "shared", "services" })
        {
            foreach (var project in Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
                Assert.DoesNotContain("/tests/", File.ReadAllText(project).Replace('\\', '/'), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("P:System.DateTime.UtcNow;")]
    [InlineData("N:System.Threading;")]
    [InlineData("N:System.Threading.Tasks;")]
    [InlineData("N:System.Net;")]
    [InlineData("T:System.Random;")]
    [InlineData("M:System.Guid.NewGuid;")]
    [InlineData("T:System.TimeProvider;")]
    public void Rules_bans_clock_thread_task_random_and_guid(string symbol)
    {
        var banned = File.ReadAllText(Path.Combine(Repository.Root, "build/BannedSymbols.txt"))
            + File.ReadAllText(Path.Combine(Repository.Root, "shared/CohortPipeline.Rules/BannedSymbols.txt"));
        Assert.Contains(symbol, banned, StringComparison.Ordinal);
    }

    private static string[] References(string library) =>
        [.. Assembly.Load(Own + library).GetReferencedAssemblies().Select(reference => reference.Name!)];
}
