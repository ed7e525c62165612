using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
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
        var item = Item("exports/a.csv", "id,name\r\n1,é\r\n") with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

        Assert.Equal(StoreAnswer.Stored, await store.PutAsync(item, Cancellation));
        Assert.Equal(item.Body.ToArray(), await File.ReadAllBytesAsync(Path.Combine(folder, "exports", "a.csv"), Cancellation));
        Assert.Equal(item.Crc64Nvme, (await store.ChecksumAsync("exports/a.csv", Cancellation)).Crc64Nvme);

        using var client = Client((await gateway.AddressAsync()).ToString());
        var head = await client.GetObjectMetadataAsync("stores-objects", "exports/a.csv", Cancellation);
        Assert.Equal(item.TraceParent, head.Metadata["traceparent"]);
        Assert.Equal("text/csv", head.Headers.ContentType);
    }

    [Fact]
    public async Task Refuses_to_overwrite_and_tells_what_is_there()
    {
        var folder = gateway.CreateBucket("never-overwrites");
        using var store = await OpenAsync("never-overwrites");
        await store.PutAsync(Item("a.csv", "first"), Cancellation);

        Assert.Equal(StoreAnswerKind.Exists, (await store.PutAsync(Item("a.csv", "second"), Cancellation)).Kind);
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(folder, "a.csv"), Cancellation));
        Assert.Equal(Checksum.Of("first"u8), (await store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task The_server_refuses_a_body_that_is_not_the_one_of_the_checksum()
    {
        gateway.CreateBucket("checks-bodies");
        using var store = await OpenAsync("checks-bodies");
        var answer = await store.PutAsync(Item("a.csv", "sent") with { Crc64Nvme = Checksum.Of("meant"u8) }, Cancellation);
        Assert.Equal(StoreAnswerKind.TryAgain, answer.Kind);
        Assert.Equal(StoreAnswerKind.TryAgain, (await store.ChecksumAsync("a.csv", Cancellation)).Answer.Kind);
    }

    [Fact]
    public async Task An_object_of_somebody_else_has_no_checksum_of_ours()
    {
        gateway.CreateBucket("foreign-objects");
        using var client = Client((await gateway.AddressAsync()).ToString());
        await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = "foreign-objects", Key = "a.csv", ContentBody = "theirs", UseChunkEncoding = false }, Cancellation);

        using var store = await OpenAsync("foreign-objects");
        Assert.Equal(StoreAnswerKind.Exists, (await store.PutAsync(Item("a.csv", "ours"), Cancellation)).Kind);
        Assert.NotEqual(Checksum.Of("ours"u8), (await store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_a_refusal()
    {
        using var store = await OpenAsync("no-such-bucket");
        var answer = await store.PutAsync(Item("a.csv", "x"), Cancellation);
        Assert.Equal((StoreAnswerKind.Refused, "NoSuchBucket"), (answer.Kind, answer.Code));
    }

    [Fact]
    public async Task Wrong_credentials_are_a_refusal()
    {
        gateway.CreateBucket("wrong-credentials");
        using var store = await OpenAsync("wrong-credentials", new BasicAWSCredentials(VersityGateway.AccessKey, "not-the-secret"));
        var answer = await store.PutAsync(Item("a.csv", "x"), Cancellation);
        Assert.Equal((StoreAnswerKind.Refused, "SignatureDoesNotMatch"), (answer.Kind, answer.Code));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        using var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination("nowhere", S3SinkBench.EndpointOf("http://127.0.0.1:1")));
        Assert.Equal((StoreAnswerKind.TryAgain, "Network"), await KindAndCode(store));
    }

    private static async Task<(StoreAnswerKind Kind, string Code)> KindAndCode(IObjectStore store)
    {
        var answer = await store.PutAsync(Item("a.csv", "x"), Cancellation);
        return (answer.Kind, answer.Code);
    }

    private async Task<IObjectStore> OpenAsync(string bucket, AWSCredentials? credentials = null) =>
        new ObjectStores(TimeProvider.System, credentials ?? VersityGateway.Credentials).Open(S3SinkBench.Destination(bucket, await gateway.EndpointAsync()));

    private static AmazonS3Client Client(string address) => new(VersityGateway.Credentials, new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private static SyncObject Item(string key, string text) => SyncObject.Of(key, "text/csv", 1, Encoding.UTF8.GetBytes(text));
}
