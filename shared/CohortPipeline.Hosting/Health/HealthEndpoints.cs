using System.Text.Json;
using CohortPipeline.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CohortPipeline.Hosting;

/// <summary>
/// <c>/health</c> says whether the service is ready, with the state of each check in its body; a degraded check (a parked
/// destination) answers 200, so that a rollout never hangs on it. <c>/alive</c> says that the process answers.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapPipelineHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health", new() { ResponseWriter = Write });
        app.MapHealthChecks("/alive", new() { Predicate = _ => false, ResponseWriter = Write });
    }

    private static async Task Write(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("status"u8, Name(report.Status));
        writer.WriteStartObject("checks"u8);
        foreach (var (name, entry) in report.Entries)
        {
            writer.WriteStartObject(name);
            writer.WriteString("status"u8, Name(entry.Status));
            if (entry.Description is { } description)
                writer.WriteString("description"u8, description);
            WriteData(writer, entry.Data);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, IReadOnlyDictionary<string, object> data)
    {
        if (data.Count == 0)
            return;
        writer.WriteStartObject("data"u8);
        foreach (var (name, value) in data)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, value.GetType());
        }

        writer.WriteEndObject();
    }

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
