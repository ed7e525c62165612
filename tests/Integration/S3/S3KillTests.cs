using System.Security.Cryptography;
using System.Text.Json;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>
/// The service as a process on a real Kafka before a strict S3 server: kill -9 at every request of one sync, before the server
/// has seen it or before the service has seen the answer, and a new process after each. The set is complete or
/// absent at any time, and is in the end, byte for byte, that of a destination that nobody disturbed.
/// </summary>
public sealed class S3KillTests(VersityGateway gateway, SharedKafka kafka)
{
    private const string Bucket = "killed-syncs";

    /// <summary>The requests of a sync, in their order. The server has done what it asks when the service dies, or has not seen it.</summary>
    private static readonly (string Name, string Method, string Kind, string Query, bool IsSeen)[] Requests =
    [
        ("begin", "POST", "_entering.csv", "?uploads", false),
        ("begin", "POST", "_entering.csv", "?uploads", true),
        ("part 1", "PUT", "_entering.csv", "partNumber=1&", false),
        ("part 2", "PUT", "_entering.csv", "partNumber=2&", true),
        ("the last part", "PUT", "_entering.csv", "partNumber=3&", false),
        ("completion", "POST", "_entering.csv", "?uploadId=", false),
        ("completion", "POST", "_entering.csv", "?uploadId=", true),
        ("exiting", "PUT", "_exiting.csv", "", true),
        ("existing", "PUT", "_existing.csv", "", false),
        ("manifest", "PUT", "_manifest.json", "", false),
        ("manifest", "PUT", "_manifest.json", "", true),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sync_survives_a_kill_at_each_of_its_requests()
    {
        var folder = gateway.CreateBucket(Bucket);
        await using var log = await kafka.OpenAsync();
        var scene = new S3SyncScene(Bucket, kafka, log);
        await scene.FillAsync();
        scene.Define("calm", await gateway.EndpointAsync());
        await using var gate = await RequestGate.StartAsync(await gateway.AddressAsync());
        scene.Define("killed", S3SinkBench.EndpointOf(gate.Address.ToString()));

        await using (var undisturbed = await scene.StartAsync("calm"))
            await ManifestAsync(folder, "calm");
        var expected = S3SyncScene.Read(folder, "calm");
        Assert.True(expected["entering.csv"].Length > 16 * 1024 * 1024, "the file must have three parts");

        foreach (var request in Requests)
        {
            await KillAtAsync(scene, gate, folder, request);
            CheckStored(folder, expected, request.Name);
        }

        await using (var last = await scene.StartAsync("killed"))
            await scene.DoneAsync("killed");
        CheckStored(folder, expected, "the end");
        CheckManifest(folder);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), S3SyncScene.Read(folder, "killed").Keys.Order(StringComparer.Ordinal));
        using var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination(Bucket, await gateway.EndpointAsync()));
        Assert.Empty((await store.UnfinishedAsync("", Cancellation)).Uploads);
    }

    private static async Task KillAtAsync(S3SyncScene scene, RequestGate gate, string folder, (string Name, string Method, string Kind, string Query, bool IsSeen) request)
    {
        var held = gate.Hold(request.Method, target => target.Contains(request.Kind, StringComparison.Ordinal) && $"{target}&".Contains(request.Query, StringComparison.Ordinal));
        await using var service = await scene.StartAsync("killed");
        try
        {
            await held.Arrived.WaitAsync(S3SyncScene.Deadline, Cancellation);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"no request for {request.Name} (seen: {request.IsSeen}):\n{service.Output}");
        }

        if (request.IsSeen)
            await held.LoseAnswersAsync();
        await service.KillAsync(Cancellation);
        if (!request.IsSeen)
            held.Drop();
        var hasManifest = S3SyncScene.Read(folder, "killed").ContainsKey("manifest.json");
        Assert.Equal(request.Name == "manifest" && request.IsSeen, hasManifest);
    }

    /// <summary>Whatever can be seen is whole, and what the undisturbed destination has.</summary>
    private static void CheckStored(string folder, Dictionary<string, byte[]> expected, string where)
    {
        foreach (var (name, bytes) in S3SyncScene.Read(folder, "killed").Where(item => item.Key != "manifest.json"))
            Assert.True(bytes.AsSpan().SequenceEqual(expected[name]), $"{name} differs after the kills at {where}");
    }

    private static void CheckManifest(string folder)
    {
        var objects = S3SyncScene.Read(folder, "killed");
        using var manifest = JsonDocument.Parse(objects["manifest.json"]);
        foreach (var file in manifest.RootElement.GetProperty("files").EnumerateArray())
        {
            var bytes = objects[$"{file.GetProperty("type").GetString()}.csv"];
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.GetProperty("sha256").GetString());
            Assert.Equal(Checksum.Of(bytes), file.GetProperty("crc64nvme").GetString());
        }
    }

    private static Task ManifestAsync(string folder, string destination) =>
        Eventually.HoldsAsync(() => S3SyncScene.Read(folder, destination).ContainsKey("manifest.json"), $"no manifest of `{destination}`", S3SyncScene.Deadline, Cancellation);
}
