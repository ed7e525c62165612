using System.Diagnostics;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Processes;

public sealed class GuardTests
{
    private const int KilledExitCode = 128 + 9;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task A_program_ends_with_whoever_holds_its_standard_input()
    {
        using var process = Process.Start(Guard.Of("sleep", ["600"], Nothing))!;
        process.StandardInput.Close();
        await EndOf(process);
        Assert.Equal(KilledExitCode, process.ExitCode);
    }

    [Fact]
    public async Task The_exit_code_is_the_programs_own()
    {
        using var process = Process.Start(Guard.Of("sh", ["-c", "exit 7"], Nothing))!;
        await EndOf(process);
        Assert.Equal(7, process.ExitCode);
    }

    [Fact]
    public async Task Variables_reach_it_under_any_name()
    {
        var start = Guard.Of("env", [], new Dictionary<string, string> { ["Kafka__bootstrap.servers"] = "127.0.0.1:1" });
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        Assert.Contains("Kafka__bootstrap.servers=127.0.0.1:1\n", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await EndOf(process);
    }

    [Fact]
    public async Task A_service_that_is_told_to_end_ends_by_itself()
    {
        await using var service = ServiceProcess.StartProgram("sleeper", "sleep", ["600"], Nothing);
        Assert.Equal(128 + 15, await service.StopAsync(Deadline, TestContext.Current.CancellationToken));
    }

    private static Task EndOf(Process process) => process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken);
}
