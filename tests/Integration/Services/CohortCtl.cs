using System.Reflection;
using System.Text.Json;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>The command line as people run it: a process, its texts and its exit code.</summary>
internal static class CohortCtl
{
    private static readonly string Program = Repository.PathOf(
        "services", "cohortctl", "bin", typeof(CohortCtl).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration, "net10.0", "cohortctl.dll");

    public static Task<CommandResult> RunAsync(string folder, CancellationToken cancellation, params string[] arguments) =>
        Command.RunAsync("dotnet", [Program, .. arguments], folder, cancellation);

    /// <summary>Starts what runs until it is ended; it ends with the test.</summary>
    public static GuardedProcess Start(string outputFile, params string[] arguments) =>
        GuardedProcess.Start("dotnet", [Program, .. arguments], new Dictionary<string, string>(), outputFile);

    /// <summary>Runs with <c>-o json</c> and reads what it prints.</summary>
    public static async Task<(int ExitCode, JsonElement Output)> JsonAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        var result = await RunAsync(folder, cancellation, [.. arguments, "-o", "json"]);
        try
        {
            return (result.ExitCode, JsonSerializer.Deserialize<JsonElement>(result.Output));
        }
        catch (JsonException exception)
        {
            throw new InvalidOperationException($"`cohortctl {string.Join(' ', arguments)}` did not print JSON: {result}", exception);
        }
    }
}
