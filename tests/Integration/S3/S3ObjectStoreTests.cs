using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.TestKit.Aws;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>The object store against a strict S3 server.</summary>
public sealed class S3ObjectStoreTests(VersityGateway gateway)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_an_object_with_its_full_object_checksum()
    {
        var folder = gateway.CreateBucket("stores-objects");
        using var store = await OpenAsync("stores-objects");
        var body = Encoding.UTF8.GetBytes("id,name\r\n1,é\r\n");
        var head = new ObjectHead("exports/a.csv", "text/csv", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        Assert.Equal(StoreAnswer.Stored, await store.PutAsync(head, body, Checksum.Of(body), Cancellation));
        Assert.Equal(body, await File.ReadAllBytesAsync(Path.Combine(folder, "exports", "a.csv"), Cancellation));
        Assert.Equal(Checksum.Of(body), (await store.ChecksumAsync("exports/a.csv", Cancellation)).Crc64Nvme);

        using var client = Client((await gateway.AddressAsync()).ToString());
        var stored = await client.GetObjectMetadataAsync("stores-objects", "exports/a.csv", Cancellation);
        Assert.Equal(head.TraceParent, stored.Metadata["traceparent"]);
        Assert.Equal("text/csv", stored.Headers.ContentType);
    }

    [Fact]
    public async Task Refuses_to_overwrite_and_tells_what_is_there()
    {
        var folder = gateway.CreateBucket("never-overwrites");
        using var store = await OpenAsync("never-overwrites");
        await PutAsync(store, "a.csv", "first");

        Assert.Equal(StoreAnswerKind.Exists, (await PutAsync(store, "a.csv", "second")).Kind);
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(folder, "a.csv"), Cancellation));
        Assert.Equal(Checksum.Of("first"u8), (await store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task The_server_refuses_a_body_that_is_not_the_one_of_the_checksum()
    {
        gateway.CreateBucket("checks-bodies");
        using var store = await OpenAsync("checks-bodies");
        var answer = await store.PutAsync(new("a.csv", "text/csv"), "sent"u8.ToArray(), Checksum.Of("meant"u8), Cancellation);
        Assert.Equal(StoreAnswerKind.TryAgain, answer.Kind);
        Assert.Equal(StoreAnswerKind.Absent, (await store.ChecksumAsync("a.csv", Cancellation)).Answer.Kind);
    }

    [Fact]
    public async Task An_object_of_somebody_else_has_no_checksum_of_ours()
    {
        gateway.CreateBucket("foreign-objects");
        using var client = Client((await gateway.AddressAsync()).ToString());
        await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = "foreign-objects", Key = "a.csv", ContentBody = "theirs", UseChunkEncoding = false }, Cancellation);

        using var store = await OpenAsync("foreign-objects");
        Assert.Equal(StoreAnswerKind.Exists, (await PutAsync(store, "a.csv", "ours")).Kind);
        Assert.NotEqual(Checksum.Of("ours"u8), (await store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task An_object_in_parts_is_stored_whole_with_the_checksum_of_all_its_bytes_and_only_once()
    {
        var folder = gateway.CreateBucket("stores-parts");
        using var store = await OpenAsync("stores-parts");
        var body = new byte[(2 * PublishingLimits.PartBytesMax) + 1];
        new Random(1).NextBytes(body);
        var (upload, parts) = await SendAsync(store, "exports/a.csv", body);
        Assert.False(File.Exists(Path.Combine(folder, "exports", "a.csv")));
        Assert.Equal([upload], (await store.UnfinishedAsync("exports/", Cancellation)).Uploads);
        Assert.Empty((await store.UnfinishedAsync("imports/", Cancellation)).Uploads);

        Assert.Equal(StoreAnswer.Stored, await store.CompleteAsync(upload, parts, Checksum.Of(body), Cancellation));
        Assert.Equal(Checksum.Of(body), Checksum.Of(await File.ReadAllBytesAsync(Path.Combine(folder, "exports", "a.csv"), Cancellation)));
        Assert.Equal(Checksum.Of(body), (await store.ChecksumAsync("exports/a.csv", Cancellation)).Crc64Nvme);
        Assert.Equal(StoreAnswer.Stored, await store.CompleteAsync(upload, parts, Checksum.Of(body), Cancellation)); // its answer might never have come

        var (second, again) = await SendAsync(store, "exports/a.csv", body);
        Assert.Equal(StoreAnswerKind.Exists, (await store.CompleteAsync(second, again, Checksum.Of(body), Cancellation)).Kind);
        Assert.Equal(StoreAnswer.Stored, await store.AbortAsync(second, Cancellation));
        Assert.Equal(StoreAnswer.Stored, await store.AbortAsync(second, Cancellation));
        Assert.Empty((await store.UnfinishedAsync("exports/", Cancellation)).Uploads);

        // A small part: a server that knows the upload is gone may close the connection under a large one.
        var small = "late"u8.ToArray();
        Assert.Equal(StoreAnswerKind.UploadGone, (await store.SendPartAsync(second, 1, small, Checksum.Of(small), Cancellation)).Answer.Kind);
    }

    [Fact]
    public async Task The_server_refuses_parts_that_are_not_the_bytes_of_the_checksum()
    {
        var folder = gateway.CreateBucket("checks-parts");
        using var store = await OpenAsync("checks-parts");
        var (upload, parts) = await SendAsync(store, "a.csv", new byte[PublishingLimits.PartBytesMax + 1]);
        Assert.NotEqual(StoreAnswer.Stored, await store.CompleteAsync(upload, parts, Checksum.Of("meant"u8), Cancellation));
        Assert.False(File.Exists(Path.Combine(folder, "a.csv")));
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_a_refusal()
    {
        using var store = await OpenAsync("no-such-bucket");
        var answer = await PutAsync(store, "a.csv", "x");
        Assert.Equal((StoreAnswerKind.Refused, "NoSuchBucket"), (answer.Kind, answer.Code));
    }

    [Fact]
    public async Task Wrong_credentials_are_a_refusal()
    {
        gateway.CreateBucket("wrong-credentials");
        using var store = await OpenAsync("wrong-credentials", new BasicAWSCredentials(VersityGateway.AccessKey, "not-the-secret"));
        var answer = await PutAsync(store, "a.csv", "x");
        Assert.Equal((StoreAnswerKind.Refused, "SignatureDoesNotMatch"), (answer.Kind, answer.Code));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        using var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination("nowhere", S3SinkBench.EndpointOf("http://127.0.0.1:1")));
        Assert.Equal((StoreAnswerKind.TryAgain, "Network"), await KindAndCode(store));
    }

    [Fact]
    public async Task A_connection_that_ends_behind_the_body_without_an_answer_was_one_attempt()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var taken = 0;
        var serving = Task.Run(
            async () =>
            {
                while (true)
                {
                    using var connection = await server.AcceptTcpClientAsync(Cancellation);
                    using var request = new StreamReader(connection.GetStream(), Encoding.Latin1);
                    while (!string.IsNullOrEmpty(await request.ReadLineAsync(Cancellation)))
                    {
                        // The head; the client waits behind it for a word before it sends the body.
                    }

                    await connection.GetStream().WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), Cancellation);
                    taken += await request.ReadAsync(new char[1], Cancellation);
                }
            },
            Cancellation);
        var endpoint = S3SinkBench.EndpointOf($"http://{server.LocalEndpoint}");
        using (var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination("closing", endpoint)))
            Assert.Equal(StoreAnswerKind.TryAgain, (await PutAsync(store, "a.csv", "x")).Kind);
        server.Stop();
        await Task.WhenAny(serving);
        Assert.Equal(1, taken);
    }

    private static async Task<(StoreAnswerKind Kind, string Code)> KindAndCode(IObjectStore store)
    {
        var answer = await PutAsync(store, "a.csv", "x");
        return (answer.Kind, answer.Code);
    }

    private async Task<IObjectStore> OpenAsync(string bucket, AWSCredentials? credentials = null) =>
        new ObjectStores(TimeProvider.System, credentials ?? VersityGateway.Credentials).Open(S3SinkBench.Destination(bucket, await gateway.EndpointAsync()));

    private static AmazonS3Client Client(string address) => new(VersityGateway.Credentials, new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private static async Task<(Upload Upload, List<StoredPart> Parts)> SendAsync(IObjectStore store, string key, byte[] body)
    {
        var begun = await store.BeginAsync(new(key, "text/csv"), Cancellation);
        Assert.Equal(StoreAnswer.Stored, begun.Answer);
        var parts = new List<StoredPart>();
        for (var start = 0; start < body.Length; start += PublishingLimits.PartBytesMax)
        {
            var part = body.AsMemory(start, Math.Min(PublishingLimits.PartBytesMax, body.Length - start));
            var sent = await store.SendPartAsync(begun.Upload, parts.Count + 1, part, Checksum.Of(part.Span), Cancellation);
            Assert.Equal(StoreAnswer.Stored, sent.Answer);
            parts.Add(sent.Part);
        }

        return (begun.Upload, parts);
    }

    private static Task<StoreAnswer> PutAsync(IObjectStore store, string key, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return store.PutAsync(new(key, "text/csv"), body, Checksum.Of(body), Cancellation);
    }
}
