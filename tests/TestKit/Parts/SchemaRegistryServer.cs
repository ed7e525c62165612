using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit;

/// <summary>
/// A small Schema Registry on loopback: what Confluent's client and serializers ask of one, and no more. Schemas have an id
/// and a GUID, subjects have versions; equal schemas are one.
/// </summary>
public sealed class SchemaRegistryServer : IDisposable
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";

    private readonly HttpListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<Registered> _schemas = [];
    private readonly List<(string Subject, Registered Schema)> _versions = [];
    private readonly Task _serving;

    public SchemaRegistryServer()
    {
        var port = Ports.Free();
        Url = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = Serve();
    }

    public string Url { get; }

    /// <summary>Answers all requests with this status while it is set.</summary>
    public HttpStatusCode? Failing { get; set; }

    /// <summary>How many requests came.</summary>
    public int Requests { get; private set; }

    /// <summary>The text of a subject's newest schema; null if there is none.</summary>
    public string? Latest(string subject)
    {
        lock (_lock)
            return _versions.FindLast(version => version.Subject == subject).Schema?.Text;
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task Serve()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                await Answer(context);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        using var body = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var text = await body.ReadToEndAsync();
        var (status, answer) = Route(context.Request.HttpMethod, context.Request.Url!.AbsolutePath, text);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = ContentType;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString()));
        context.Response.Close();
    }

    private (HttpStatusCode Status, JsonNode Answer) Route(string method, string path, string body)
    {
        lock (_lock)
        {
            Requests++;
            if (Failing is { } failing)
                return (failing, Error((int)failing * 100, "told to fail"));
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
            return (method, parts) switch
            {
                ("GET", ["subjects"]) => (HttpStatusCode.OK, new JsonArray([.. _versions.Select(version => version.Subject).Distinct().Select(subject => (JsonNode)subject)])),
                ("POST", ["subjects", var subject, "versions"]) => Register(subject, body),
                ("POST", ["subjects", var subject]) => Found(_versions.FindLast(version => version.Subject == subject && version.Schema.Text == SchemaOf(body))),
                ("GET", ["subjects", var subject, "versions", "latest"]) => Found(_versions.FindLast(version => version.Subject == subject)),
                ("GET", ["schemas", "ids", var id]) => Found(_versions.Find(version => version.Schema.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == id)),
                ("GET", ["schemas", "guids", var guid]) => Found(_versions.Find(version => version.Schema.Guid == guid)),
                _ => (HttpStatusCode.NotFound, Error(404, $"{method} {path} is not served here")),
            };
        }
    }

    private (HttpStatusCode Status, JsonNode Answer) Register(string subject, string body)
    {
        var text = SchemaOf(body);
        var schema = _schemas.Find(known => known.Text == text);
        if (schema is null)
            _schemas.Add(schema = new(_schemas.Count + 1, Guid.NewGuid().ToString(), text));
        if (!_versions.Contains((subject, schema)))
            _versions.Add((subject, schema));
        return Found((subject, schema));
    }

    private (HttpStatusCode Status, JsonNode Answer) Found((string Subject, Registered? Schema) found) => found.Schema is { } schema
        ? (HttpStatusCode.OK, new JsonObject
        {
            ["subject"] = found.Subject,
            ["id"] = schema.Id,
            ["guid"] = schema.Guid,
            ["version"] = 1 + _versions.Where(version => version.Subject == found.Subject).ToList().FindIndex(version => version.Schema == schema),
            ["schemaType"] = "JSON",
            ["schema"] = schema.Text,
        })
        : (HttpStatusCode.NotFound, Error(40403, "Schema not found"));

    private static JsonObject Error(int code, string message) => new() { ["error_code"] = code, ["message"] = message };

    private static string SchemaOf(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("schema").GetString()!;
    }

    private sealed record Registered(int Id, string Guid, string Text);
}
