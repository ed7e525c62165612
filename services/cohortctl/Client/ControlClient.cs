using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using CohortPipeline.Control;

namespace CohortPipeline.CohortCtl;

/// <summary>The pipeline refused, or cannot be reached; <see cref="ExitCode"/> says which.</summary>
internal sealed class ControlClientException(int exitCode, string title, IReadOnlyList<string> details) : Exception(title)
{
    public int ExitCode { get; } = exitCode;

    public IReadOnlyList<string> Details { get; } = details;
}

/// <summary>Speaks to control-api, on Kafka or in <c>cohortctl up</c>.</summary>
internal sealed class ControlClient(Uri server) : IDisposable
{
    /// <summary>A change set waits for a predecessor's transaction at most; a file is published as fast as it goes.</summary>
    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };

    public Task<T> GetAsync<T>(string path, CancellationToken cancellation) =>
        SendAsync<T>(new(HttpMethod.Get, path), cancellation);

    public Task<T> DeleteAsync<T>(string path, CancellationToken cancellation) =>
        SendAsync<T>(new(HttpMethod.Delete, path), cancellation);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellation) =>
        SendAsync<T>(new(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType(), options: ControlJson.Options) }, cancellation);

    public Task<T> PostTextAsync<T>(string path, string text, CancellationToken cancellation) =>
        SendAsync<T>(new(HttpMethod.Post, path) { Content = new StringContent(text) }, cancellation);

    /// <summary>Sends a stream as it comes, without a length.</summary>
    public Task<T> PostStreamAsync<T>(string path, Stream body, CancellationToken cancellation)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        return SendAsync<T>(request, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using (request)
            using (var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation))
            {
                if (!response.IsSuccessStatusCode)
                    throw await Refusal(response, cancellation);
                return await response.Content.ReadFromJsonAsync<T>(ControlJson.Options, cancellation)
                    ?? throw new ControlClientException(ExitCodes.Refused, "The answer is empty", [$"{request.RequestUri} answered nothing; is {server} a control-api?"]);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            throw new ControlClientException(
                ExitCodes.NotReachable,
                $"No control-api answers at {server}",
                [$"{exception.Message}. Start one (`cohortctl up`, or the control-api service), or name another with --server or COHORT_API."]);
        }
    }

    private static async Task<ControlClientException> Refusal(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            using var problem = JsonDocument.Parse(text);
            var title = problem.RootElement.TryGetProperty("title", out var named) ? named.GetString() : null;
            var errors = problem.RootElement.TryGetProperty("errors", out var listed) && listed.ValueKind == JsonValueKind.Array
                ? listed.EnumerateArray().Select(error => error.ToString()).ToArray()
                : [];
            return new(ExitCodes.Refused, title ?? $"Refused with status {(int)response.StatusCode}", errors);
        }
        catch (JsonException)
        {
            return new(ExitCodes.Refused, $"Refused with status {(int)response.StatusCode}", text.Length == 0 ? [] : [text]);
        }
    }
}
