using Amazon.Runtime;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary><c>cohortctl dev kinesis</c> as a developer starts it.</summary>
public sealed class DevKinesisTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("dev-kinesis-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Says_where_it_is_and_has_its_streams()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var port = Ports.Free();
        await using var server = CohortCtl.Start(Path.Combine(_folder, "output.txt"), "dev", "kinesis", "--port", $"{port}", "--stream", "updates:3");
        await Eventually.HoldsAsync(() => server.HasExited || server.Output.Contains("\nready", StringComparison.Ordinal), "not ready", Deadline, cancellation);
        Assert.Contains($"http://127.0.0.1:{port}", server.Output, StringComparison.Ordinal);

        using var calls = new KinesisCalls(new($"http://127.0.0.1:{port}"), new BasicAWSCredentials("local", "local"));
        Assert.Equal(3, (await calls.ListShardsAsync("updates", cancellation)).Count);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_is_refused()
    {
        var refused = await CohortCtl.RunAsync(_folder, TestContext.Current.CancellationToken, "dev", "kinesis", "--port", "0", "--stream", "a/b");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("streamName", refused.Error, StringComparison.Ordinal);
    }
}
