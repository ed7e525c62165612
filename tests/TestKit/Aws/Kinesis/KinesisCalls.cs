using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Kinesis;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace CohortPipeline.TestKit.Aws.Kinesis;

/// <summary>What a Kinesis said instead of doing what was asked.</summary>
public sealed class KinesisCallException(string operation, int status, string type, string message) : Exception($"{operation}: {status} {type}: {message}")
{
    public int Status { get; } = status;

    /// <summary>Without a name space.</summary>
    public string Type { get; } = type;
}

/// <summary>A shard as ListShards shows it.</summary>
public sealed record ListedShard(string Id, UInt128 First, UInt128 Last, string? Parent, string? AdjacentParent, bool IsOpen);

/// <summary>
/// Any call of any Kinesis, signed by the SDK's own signer and sent by hand: for what the product never calls, and for what no
/// client would send.
/// </summary>
public sealed class KinesisCalls(Uri server, AWSCredentials credentials) : IDisposable
{
    private const int PageRecords = 10_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };
    private readonly AmazonKinesisConfig _config = new() { ServiceURL = server.ToString(), AuthenticationRegion = MotoServer.Region };

    public Task<JsonNode> CallAsync(string operation, JsonObject body, CancellationToken cancellation) => CallAsync(operation, body.ToJsonString(), null, cancellation);

    /// <param name="tamper">Changes the request after it was signed.</param>
    /// <exception cref="KinesisCallException">It was refused.</exception>
    public async Task<JsonNode> CallAsync(string operation, string body, Action<HttpRequestMessage>? tamper, CancellationToken cancellation)
    {
        using var request = await SignAsync(operation, Encoding.UTF8.GetBytes(body));
        tamper?.Invoke(request);
        using var response = await _http.SendAsync(request, cancellation);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        var json = answer.Length == 0 ? new JsonObject() : JsonNode.Parse(answer)!;
        return response.IsSuccessStatusCode
            ? json
            : throw new KinesisCallException(operation, (int)response.StatusCode, ((string)json["__type"]!).Split('#')[^1], (string?)json["message"] ?? (string?)json["Message"] ?? "");
    }

    /// <summary>Creates a stream and waits until it takes records.</summary>
    public async Task CreateStreamAsync(string name, int shards, CancellationToken cancellation)
    {
        await CallAsync("CreateStream", new() { ["StreamName"] = name, ["ShardCount"] = shards }, cancellation);
        await UntilActiveAsync(name, cancellation);
    }

    public async Task<IReadOnlyList<ListedShard>> ListShardsAsync(string stream, CancellationToken cancellation)
    {
        var shards = new List<ListedShard>();
        var call = new JsonObject { ["StreamName"] = stream };
        while (true)
        {
            var page = await CallAsync("ListShards", call, cancellation);
            shards.AddRange(page["Shards"]!.AsArray().Select(shard => new ListedShard(
                (string)shard!["ShardId"]!,
                HashKey(shard["HashKeyRange"]!["StartingHashKey"]!),
                HashKey(shard["HashKeyRange"]!["EndingHashKey"]!),
                (string?)shard["ParentShardId"],
                (string?)shard["AdjacentParentShardId"],
                shard["SequenceNumberRange"]!["EndingSequenceNumber"] is null)));
            if ((string?)page["NextToken"] is not { } token)
                return shards;
            call = new() { ["NextToken"] = token };
        }
    }

    /// <summary>Splits a shard in the middle of its range.</summary>
    public async Task SplitAsync(string stream, ListedShard shard, CancellationToken cancellation)
    {
        var middle = shard.First + ((shard.Last - shard.First) / 2) + 1;
        await CallAsync("SplitShard", new() { ["StreamName"] = stream, ["ShardToSplit"] = shard.Id, ["NewStartingHashKey"] = middle.ToString(CultureInfo.InvariantCulture) }, cancellation);
        await UntilActiveAsync(stream, cancellation);
    }

    public async Task MergeAsync(string stream, ListedShard shard, ListedShard adjacent, CancellationToken cancellation)
    {
        await CallAsync("MergeShards", new() { ["StreamName"] = stream, ["ShardToMerge"] = shard.Id, ["AdjacentShardToMerge"] = adjacent.Id }, cancellation);
        await UntilActiveAsync(stream, cancellation);
    }

    /// <param name="type">As <c>TRIM_HORIZON</c>.</param>
    /// <param name="sequence">With the types that need one.</param>
    public async Task<string> IteratorAsync(string stream, string shard, string type, string? sequence, CancellationToken cancellation)
    {
        var call = new JsonObject { ["StreamName"] = stream, ["ShardId"] = shard, ["ShardIteratorType"] = type };
        if (sequence is not null)
            call["StartingSequenceNumber"] = sequence;
        return (string)(await CallAsync("GetShardIterator", call, cancellation))["ShardIterator"]!;
    }

    /// <summary>The next records, and where to go on; null at the end of a closed shard.</summary>
    public async Task<(IReadOnlyList<StreamRecord> Records, string? Next)> RecordsAsync(string iterator, CancellationToken cancellation, int limit = PageRecords)
    {
        var page = await CallAsync("GetRecords", new() { ["ShardIterator"] = iterator, ["Limit"] = limit }, cancellation);
        return (
            [.. page["Records"]!.AsArray().Select(record => new StreamRecord((string)record!["PartitionKey"]!, Convert.FromBase64String((string)record["Data"]!), (string)record["SequenceNumber"]!))],
            (string?)page["NextShardIterator"]);
    }

    /// <summary>Everything in the stream, shard by shard, in the order of each shard.</summary>
    public async Task<IReadOnlyList<StreamRecord>> ReadStreamAsync(string stream, CancellationToken cancellation)
    {
        var all = new List<StreamRecord>();
        foreach (var shard in await ListShardsAsync(stream, cancellation))
        {
            string? iterator = await IteratorAsync(stream, shard.Id, "TRIM_HORIZON", null, cancellation);
            while (iterator is not null)
            {
                var (records, next) = await RecordsAsync(iterator, cancellation);
                all.AddRange(records);
                iterator = records.Count == 0 ? null : next;
            }
        }

        return all;
    }

    public void Dispose() => _http.Dispose();

    private Task UntilActiveAsync(string stream, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token => (string?)(await CallAsync("DescribeStreamSummary", new() { ["StreamName"] = stream }, token))["StreamDescriptionSummary"]!["StreamStatus"] == "ACTIVE" ? null : "the stream is not active",
        TimeSpan.FromSeconds(60),
        cancellation);

    private async Task<HttpRequestMessage> SignAsync(string operation, byte[] body)
    {
        var keys = await credentials.GetCredentialsAsync();
        var signed = new DefaultRequest(new NoRequest(), "Amazon.Kinesis") { HttpMethod = "POST", ResourcePath = "/", Endpoint = server, Content = body };
        signed.Headers["X-Amz-Target"] = $"Kinesis_20131202.{operation}";
        signed.Headers["Content-Type"] = "application/x-amz-json-1.1";
        if (!string.IsNullOrEmpty(keys.Token))
            signed.Headers["X-Amz-Security-Token"] = keys.Token;
        var signature = new AWS4Signer().SignRequest(signed, _config, new RequestMetrics(), keys.AccessKey, keys.SecretKey);
        var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(signed.Headers["Content-Type"]);
        foreach (var (name, value) in signed.Headers.Where(header => header.Key != "Content-Type"))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
        return request;
    }

    private static UInt128 HashKey(JsonNode text) => UInt128.Parse((string)text!, CultureInfo.InvariantCulture);

    private sealed class NoRequest : AmazonWebServiceRequest;
}
