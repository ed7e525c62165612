using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace CohortPipeline.TestKit.Aws;

/// <summary>What a stream holds: a record as a customer's own reader gets it.</summary>
public sealed record StreamRecord(string PartitionKey, byte[] Data, string SequenceNumber);

/// <summary>
/// Calls that tests make to set a server up and to read back what was sent: by hand and unsigned, so that they share
/// nothing with the product's own client.
/// </summary>
public sealed class MotoCalls(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync("/moto-api/", cancellation);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    /// <summary>From now on signatures and policies are checked; after <paramref name="calls"/> more that are not.</summary>
    public async Task CheckAuthorizationAsync(int calls, CancellationToken cancellation)
    {
        using var response = await _http.PostAsync("/moto-api/reset-auth", new StringContent($"{calls}"), cancellation);
        response.EnsureSuccessStatusCode();
    }

    public async Task CreateStreamAsync(string name, int shards, CancellationToken cancellation)
    {
        await KinesisAsync("CreateStream", new() { ["StreamName"] = name, ["ShardCount"] = shards }, cancellation);
        await Eventually.HoldsAsync(
            async token => (string?)(await KinesisAsync("DescribeStreamSummary", new() { ["StreamName"] = name }, token))["StreamDescriptionSummary"]!["StreamStatus"] == "ACTIVE" ? null : "the stream is not active",
            TimeSpan.FromSeconds(60),
            cancellation);
    }

    /// <summary>Everything in the stream, shard by shard, in the order of each shard.</summary>
    public async Task<IReadOnlyList<StreamRecord>> ReadStreamAsync(string name, CancellationToken cancellation)
    {
        var records = new List<StreamRecord>();
        var shards = await KinesisAsync("ListShards", new() { ["StreamName"] = name }, cancellation);
        foreach (var shard in shards["Shards"]!.AsArray())
        {
            var start = await KinesisAsync(
                "GetShardIterator",
                new() { ["StreamName"] = name, ["ShardId"] = (string)shard!["ShardId"]!, ["ShardIteratorType"] = "TRIM_HORIZON" },
                cancellation);
            var iterator = (string?)start["ShardIterator"];
            while (iterator is not null)
            {
                var page = await KinesisAsync("GetRecords", new() { ["ShardIterator"] = iterator, ["Limit"] = 10_000 }, cancellation);
                var found = page["Records"]!.AsArray();
                records.AddRange(found.Select(record => new StreamRecord(
                    (string)record!["PartitionKey"]!, Convert.FromBase64String((string)record["Data"]!), (string)record["SequenceNumber"]!)));
                iterator = found.Count == 0 ? null : (string?)page["NextShardIterator"];
            }
        }

        return records;
    }

    /// <summary>A call of a query-protocol service (IAM, STS); answers its XML without namespaces.</summary>
    public async Task<XElement> QueryAsync(string service, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new FormUrlEncodedContent(parameters) };
        Scope(request, service);
        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{service} {parameters["Action"]}: {response.StatusCode} {text}");
        var xml = XElement.Parse(text);
        foreach (var element in xml.DescendantsAndSelf())
            element.Name = element.Name.LocalName;
        return xml;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> KinesisAsync(string operation, JsonObject body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.1") };
        request.Headers.Add("X-Amz-Target", $"Kinesis_20131202.{operation}");
        Scope(request, "kinesis");
        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{operation}: {response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(Encoding.UTF8.GetBytes(text))!;
    }

    /// <summary>The server finds the service and the region in the credential's scope; the signature is never looked at.</summary>
    private static void Scope(HttpRequestMessage request, string service) => request.Headers.TryAddWithoutValidation(
        "Authorization", $"AWS4-HMAC-SHA256 Credential=setup/20260101/{MotoServer.Region}/{service}/aws4_request, SignedHeaders=host, Signature=none");
}
