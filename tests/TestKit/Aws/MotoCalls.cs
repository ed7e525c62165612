using System.Net.Sockets;
using System.Xml.Linq;
using Amazon.Runtime;
using CohortPipeline.TestKit.Aws.Kinesis;

namespace CohortPipeline.TestKit.Aws;

/// <summary>What a stream holds: a record as a customer's own reader gets it.</summary>
public sealed record StreamRecord(string PartitionKey, byte[] Data, string SequenceNumber);

/// <summary>
/// Calls that tests make to set a server up and to read back what was sent: by hand, so that they share nothing with the
/// product's own client, and in nobody's name, so before signatures are checked or after.
/// </summary>
public sealed class MotoCalls(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    private readonly KinesisCalls _kinesis = new(address, new BasicAWSCredentials("setup", "none"));

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

    public Task CreateStreamAsync(string name, int shards, CancellationToken cancellation) => _kinesis.CreateStreamAsync(name, shards, cancellation);

    /// <summary>Everything in the stream, shard by shard, in the order of each shard.</summary>
    public Task<IReadOnlyList<StreamRecord>> ReadStreamAsync(string name, CancellationToken cancellation) => _kinesis.ReadStreamAsync(name, cancellation);

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

    public void Dispose()
    {
        _http.Dispose();
        _kinesis.Dispose();
    }

    /// <summary>The server finds the service and the region in the credential's scope; the signature is never looked at.</summary>
    private static void Scope(HttpRequestMessage request, string service) => request.Headers.TryAddWithoutValidation(
        "Authorization", $"AWS4-HMAC-SHA256 Credential=setup/20260101/{MotoServer.Region}/{service}/aws4_request, SignedHeaders=host, Signature=none");
}
