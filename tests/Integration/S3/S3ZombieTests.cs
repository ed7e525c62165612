using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>
/// Two processes of one destination: the first stands still (SIGSTOP) in the middle of a sync for longer than its session,
/// with a request on the way; the second takes over and ends the sync. Then the late request arrives and the first goes on,
/// of which nobody told it that it is not in charge any more: nothing of what is stored is written again.
/// </summary>
public sealed class S3ZombieTests(VersityGateway gateway, SharedKafka kafka)
{
    private const string Bucket = "zombie-syncs";
    private const string Destination = "shared";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("_exiting.csv")]
    [InlineData("_manifest.json")]
    public async Task What_the_other_has_stored_is_not_overwritten(string late)
    {
        var bucket = $"{Bucket}-{late[1..].Split('.')[0]}";
        var folder = gateway.CreateBucket(bucket);
        await using var log = await kafka.OpenAsync();
        await using var gate = await RequestGate.StartAsync(await gateway.AddressAsync());
        var scene = new S3SyncScene(bucket, kafka, log);
        await scene.FillAsync();
        scene.Define(Destination, S3SinkBench.EndpointOf(gate.Address.ToString()));

        var isHeld = false;
        var held = gate.Hold("PUT", target => target.EndsWith(late, StringComparison.Ordinal) && !Interlocked.Exchange(ref isHeld, true));
        var port = Ports.Free();
        await using var zombie = await scene.StartAsync(Destination, port);
        await held.Arrived.WaitAsync(S3SyncScene.Deadline, Cancellation);
        zombie.Freeze();
        await using var other = await scene.StartAsync(Destination);
        await scene.DoneAsync(Destination);
        var stored = StoredAt(folder);

        held.LetThrough();
        zombie.Thaw();
        await zombie.ReadyAsync(port, S3SyncScene.Deadline, Cancellation);
        Assert.Equal(0, await other.StopAsync(S3SyncScene.Deadline, Cancellation));
        Assert.Equal(0, await zombie.StopAsync(S3SyncScene.Deadline, Cancellation));
        Assert.Equal(stored, StoredAt(folder));
    }

    /// <summary>What lies there, with its checksum and the instant at which it was stored.</summary>
    private static List<(string Name, string Checksum, DateTime At)> StoredAt(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, Destination)).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), Checksum.Of(File.ReadAllBytes(file)), File.GetLastWriteTimeUtc(file)))];
}
