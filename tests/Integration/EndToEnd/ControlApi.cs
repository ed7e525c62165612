using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The REST interface as anybody's client sees it: JSON over HTTP, none of our types.</summary>
internal sealed class ControlApi(int port) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>One change set of these definitions.</summary>
    public async Task ApplyAsync(IEnumerable<string> definitions, CancellationToken cancellation)
    {
        var files = definitions.Select((text, i) => new { name = $"cohort-{i}.yaml", text });
        using var response = await _http.PostAsJsonAsync("/v1/cohorts", new { files }, cancellation);
        await ReadAsync(response, cancellation);
    }

    public async Task DeleteAsync(string cohortId, CancellationToken cancellation)
    {
        using var response = await _http.DeleteAsync(new Uri($"/v1/cohorts/{cohortId}", UriKind.Relative), cancellation);
        await ReadAsync(response, cancellation);
    }

    public async Task AddDestinationAsync(string yaml, CancellationToken cancellation)
    {
        using var content = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        using var response = await _http.PostAsync(new Uri("/v1/destinations", UriKind.Relative), content, cancellation);
        await ReadAsync(response, cancellation);
    }

    /// <summary>The policies that are printed for a destination.</summary>
    public async Task<IReadOnlyList<string>> PoliciesAsync(string destination, string account, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(new Uri($"/v1/destinations/{destination}/policies?account={account}", UriKind.Relative), cancellation);
        return [.. (await ReadAsync(response, cancellation)).GetProperty("policies").EnumerateArray().Select(policy => policy.GetProperty("json").GetString()!)];
    }

    /// <summary>Publishes a file's content; answers how many records of it were taken.</summary>
    public async Task<long> PublishAsync(string fileName, byte[] content, string? topic, string? until, CancellationToken cancellation)
    {
        var query = $"/v1/publish?file={Uri.EscapeDataString(fileName)}{(topic is null ? "" : $"&topic={topic}")}{(until is null ? "" : $"&until={Uri.EscapeDataString(until)}")}";
        using var body = new ByteArrayContent(content);
        using var response = await _http.PostAsync(new Uri(query, UriKind.Relative), body, cancellation);
        return (await ReadAsync(response, cancellation)).GetProperty("records").GetInt64();
    }

    /// <summary>How much is unread by any group of the pipeline, in records and markers.</summary>
    public async Task<long> LagAsync(CancellationToken cancellation) =>
        (await StatusAsync(cancellation)).GetProperty("groups").EnumerateArray().Sum(group => group.GetProperty("lag").GetInt64());

    /// <summary>Members of each live cohort.</summary>
    public async Task<IReadOnlyDictionary<string, long>> MembersAsync(CancellationToken cancellation) =>
        (await StatusAsync(cancellation)).GetProperty("cohorts").EnumerateArray().ToDictionary(cohort => cohort.GetProperty("id").GetString()!, cohort => cohort.GetProperty("members").GetInt64());

    /// <summary>What a destination has not taken yet of the topic that it reads.</summary>
    public async Task<long> LagOfAsync(string destination, CancellationToken cancellation) =>
        (await StatusAsync(cancellation)).GetProperty("destinations").EnumerateArray().Single(found => found.GetProperty("id").GetString() == destination).GetProperty("lag").GetProperty("lag").GetInt64();

    public async Task<JsonElement> StatusAsync(CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(new Uri("/v1/status", UriKind.Relative), cancellation);
        return await ReadAsync(response, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{(int)response.StatusCode} of {response.RequestMessage?.RequestUri}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
