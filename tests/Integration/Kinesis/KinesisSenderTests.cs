using System.Net;
using System.Text;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Processes;
using Xunit;
using static CohortPipeline.Tests.Integration.Kinesis.SenderFixtures;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>The product's client against a server that is not ours.</summary>
public sealed class KinesisSenderTests(SharedMoto moto)
{
    private static readonly BasicAWSCredentials Anybody = new("test", "test");

    [Fact]
    public async Task Records_arrive_byte_for_byte_under_their_keys()
    {
        var server = await moto.ServerAsync();
        await server.Calls.CreateStreamAsync("arrive", 2, TestContext.Current.CancellationToken);
        var records = Enumerable.Range(0, 500).Select(number => ($"kéy-{number}", Encoding.UTF8.GetBytes($$"""{"n":{{number}},"text":"é \" {{new string('x', number)}}"}"""))).ToArray();
        await using var sender = new KinesisSender(Client(server.Address, Anybody), Destination("arrive", server.Address), null);
        var response = await sender.SendAsync(Request(records), TestContext.Current.CancellationToken);
        Assert.All(response.Codes()!, Assert.Null);

        var stored = await server.Calls.ReadStreamAsync("arrive", TestContext.Current.CancellationToken);
        Assert.Equal(records.Select(record => record.Item1).Order(StringComparer.Ordinal), stored.Select(record => record.PartitionKey).Order(StringComparer.Ordinal));
        var sent = records.ToDictionary(record => record.Item1, record => record.Item2);
        Assert.All(stored, record => Assert.Equal(sent[record.PartitionKey], record.Data));
    }

    [Fact]
    public async Task A_stream_is_found_by_its_arn()
    {
        var server = await moto.ServerAsync();
        await server.Calls.CreateStreamAsync("by-arn", 1, TestContext.Current.CancellationToken);
        var destination = Destination("unused", server.Address) with { StreamArn = $"arn:aws:kinesis:{MotoServer.Region}:123456789012:stream/by-arn" };
        await using var sender = new KinesisSender(Client(server.Address, Anybody), destination, null);
        Assert.Equal([null], (await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken)).Codes());
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_is_a_refusal_with_its_reason()
    {
        var server = await moto.ServerAsync();
        await using var sender = new KinesisSender(Client(server.Address, Anybody), Destination("absent", server.Address), null);
        var response = await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken);
        Assert.Equal((FailureKind.Refused, "ResourceNotFoundException"), (response.Kind, response.Code));
        Assert.Contains("absent", response.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_too_large_is_a_refusal()
    {
        var server = await moto.ServerAsync();
        await server.Calls.CreateStreamAsync("large", 1, TestContext.Current.CancellationToken);
        await using var sender = new KinesisSender(Client(server.Address, Anybody), Destination("large", server.Address), null);
        var response = await sender.SendAsync(Request(("a", new byte[1024 * 1024])), TestContext.Current.CancellationToken);
        Assert.Equal(FailureKind.Refused, response.Kind);
    }

    [Fact]
    public async Task A_server_that_is_not_there_passes()
    {
        var nobody = new Uri("http://127.0.0.1:9");
        await using var sender = new KinesisSender(Client(nobody, Anybody), Destination("x", nobody), null);
        Assert.Equal(FailureKind.Transient, (await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken)).Kind);
    }

    /// <summary>The service takes no body in chunks of unknown number.</summary>
    [Fact]
    public async Task A_call_says_how_long_it_is()
    {
        using var server = new HttpListener();
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}/");
        server.Prefixes.Add(address.ToString());
        server.Start();
        await using var sender = new KinesisSender(Client(address, Anybody), Destination("x", address), null);
        var sending = sender.SendAsync(Request(("a", new byte[300_000])), TestContext.Current.CancellationToken);
        var context = await server.GetContextAsync();
        var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body, TestContext.Current.CancellationToken);
        Assert.Equal(body.Length, context.Request.ContentLength64);
        Assert.Null(context.Request.Headers["Transfer-Encoding"]);
        context.Response.OutputStream.Write("""{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000000"}]}"""u8);
        context.Response.Close();
        Assert.Equal([new EntryResult(null, "shardId-000000000000")], (await sending).Entries!);
    }
}
