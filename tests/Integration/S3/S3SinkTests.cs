using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CsvHelper;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>The whole sink against a strict S3 server, and into a folder.</summary>
public sealed class S3SinkTests(VersityGateway gateway, SharedKafka kafka)
{
    private const string First = "exports/cohorts/0_buyers_2026-03-02T00-00-00";
    private const string Second = "exports/cohorts/0_buyers_2026-03-03T00-00-00";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_syncs_lie_in_the_bucket_with_manifests_that_describe_them()
    {
        var endpoint = await gateway.EndpointAsync();
        var folder = gateway.CreateBucket("two-syncs");
        await PublishTwoSyncs(S3SinkBench.Destination("two-syncs", endpoint), folder);
    }

    [Fact]
    public async Task The_same_lies_in_a_folder_where_the_endpoint_is_one()
    {
        var folder = Directory.CreateTempSubdirectory("s3-objects-").FullName;
        await PublishTwoSyncs(S3SinkBench.Destination("", S3SinkBench.EndpointOf($"file:{folder}")), folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_same_comes_from_a_real_Kafka()
    {
        var log = await kafka.OpenAsync();
        var folder = Directory.CreateTempSubdirectory("s3-objects-").FullName;
        await PublishTwoSyncs(S3SinkBench.Destination("", S3SinkBench.EndpointOf($"file:{folder}")), folder, log);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_set_that_an_earlier_attempt_left_half_done_is_completed()
    {
        var endpoint = await gateway.EndpointAsync();
        var whole = gateway.CreateBucket("whole-set");
        await PublishTwoSyncs(S3SinkBench.Destination("whole-set", endpoint), whole);

        var half = gateway.CreateBucket("half-set");
        await StoreAsync("half-set", $"{First}_entering_crm.csv", await File.ReadAllBytesAsync(Path.Combine(whole, $"{First}_entering_crm.csv"), Cancellation));
        await PublishTwoSyncs(S3SinkBench.Destination("half-set", endpoint), half);
    }

    [Fact]
    public async Task An_object_of_somebody_else_under_its_name_parks_it_and_stays()
    {
        var endpoint = await gateway.EndpointAsync();
        var folder = gateway.CreateBucket("taken-name");
        await StoreAsync("taken-name", $"{First}_exiting_crm.csv", "theirs"u8.ToArray());
        await ExpectParked(S3SinkBench.Destination("taken-name", endpoint), VersityGateway.Credentials, "ObjectDiffers");
        Assert.Equal("theirs", await File.ReadAllTextAsync(Path.Combine(folder, $"{First}_exiting_crm.csv"), Cancellation));
        Assert.False(File.Exists(Path.Combine(folder, $"{First}_manifest_crm.json")));
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_parks_it_until_it_does()
    {
        var endpoint = await gateway.EndpointAsync();
        await using var bench = new S3SinkBench();
        await StartFirstSync(bench, S3SinkBench.Destination("made-later", endpoint), VersityGateway.Credentials);
        await bench.UntilAsync(() => bench.Status.Report.State == SinkState.Parked, "it is not parked", Cancellation);
        Assert.StartsWith("NoSuchBucket", bench.Status.Report.Reason, StringComparison.Ordinal);

        var folder = gateway.CreateBucket("made-later");
        await bench.UntilAsync(() => File.Exists(Path.Combine(folder, $"{First}_manifest_crm.json")), "it does not go on", Cancellation);
        await bench.UntilAsync(() => bench.Status.Report.State == SinkState.Live, "it is still shown as parked", Cancellation);
    }

    [Fact]
    public async Task Wrong_credentials_park_it()
    {
        var endpoint = await gateway.EndpointAsync();
        gateway.CreateBucket("locked");
        await ExpectParked(S3SinkBench.Destination("locked", endpoint), new BasicAWSCredentials(VersityGateway.AccessKey, "not-the-secret"), "SignatureDoesNotMatch");
    }

    private async Task StoreAsync(string bucket, string key, byte[] body)
    {
        using var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination(bucket, await gateway.EndpointAsync()));
        Assert.Equal(StoreAnswer.Stored, await store.PutAsync(new(key, "text/csv"), body, Checksum.Of(body), Cancellation));
    }

    private static async Task ExpectParked(S3Destination destination, AWSCredentials credentials, string code)
    {
        await using var bench = new S3SinkBench();
        await StartFirstSync(bench, destination, credentials);
        await bench.UntilAsync(() => bench.Status.Report.State == SinkState.Parked, "it is not parked", Cancellation);
        Assert.StartsWith(code, bench.Status.Report.Reason, StringComparison.Ordinal);
    }

    private static async Task StartFirstSync(S3SinkBench bench, S3Destination destination, AWSCredentials credentials)
    {
        bench.Define();
        bench.Row("ada", isIn: true, """{"plan":"pro","city":"Köln, \"Deutz\""}""");
        bench.Row("bob", isIn: true, """{"plan":"free"}""");
        bench.Row("cy", isIn: true, """{"city":"a\r\nb"}""");
        bench.Start(destination, credentials);
        await bench.NextDayAsync(Cancellation);
    }

    private static async Task PublishTwoSyncs(S3Destination destination, string folder, ILog? log = null)
    {
        await using var bench = new S3SinkBench(log);
        await StartFirstSync(bench, destination, VersityGateway.Credentials);
        await bench.UntilAsync(() => File.Exists(Path.Combine(folder, $"{First}_manifest_crm.json")), "no manifest of the first sync", Cancellation);
        bench.Row("bob", isIn: false, """{"plan":"free"}""");
        bench.Row("dee", isIn: true, "");
        await bench.NextDayAsync(Cancellation);
        await bench.UntilAsync(() => File.Exists(Path.Combine(folder, $"{Second}_manifest_crm.json")), "no manifest of the second sync", Cancellation);

        Assert.Equal([["ada", "pro", "Köln, \"Deutz\""], ["bob", "free", ""], ["cy", "", "a\r\nb"]], Read(folder, First, "entering"));
        Assert.Empty(Read(folder, First, "exiting"));
        Assert.Empty(Read(folder, First, "existing"));
        Assert.Equal([["dee", "", ""]], Read(folder, Second, "entering"));
        Assert.Equal([["bob", "free", ""]], Read(folder, Second, "exiting"));
        Assert.Equal(["ada", "bob", "cy"], Read(folder, Second, "existing").Select(row => row[0]));
        CheckManifest(folder, First, previous: null);
        CheckManifest(folder, Second, previous: "2026-03-02T00:00:00.000Z");
    }

    /// <summary>The rows behind the first column, by a parser that is not ours.</summary>
    private static List<string[]> Read(string folder, string sync, string file)
    {
        using var csv = CsvReader.FromFile(Path.Combine(folder, $"{sync}_{file}_crm.csv"));
        Assert.Equal(["amplitudeID", "userID", "plan", "city"], csv.Headers);
        var rows = new List<string[]>();
        while (csv.Read())
            rows.Add([.. Enumerable.Range(1, csv.FieldCount - 1).Select(index => csv[index].ToString())]);
        return rows;
    }

    private static void CheckManifest(string folder, string sync, string? previous)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, $"{sync}_manifest_crm.json")));
        Assert.Equal(previous, manifest.RootElement.GetProperty("previous_sync").GetString());
        var files = manifest.RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.Equal(["entering", "exiting", "existing"], files.Select(file => file.GetProperty("type").GetString()));
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, file.GetProperty("key").GetString()!));
            Assert.Equal(bytes.Length, file.GetProperty("bytes").GetInt64());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.GetProperty("sha256").GetString());
            Assert.Equal(Checksum.Of(bytes), file.GetProperty("crc64nvme").GetString());
        }
    }
}
