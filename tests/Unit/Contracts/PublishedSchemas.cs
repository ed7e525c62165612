using System.Text.Json;
using CohortPipeline.Contracts;
using Json.Schema;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>The schemas of our public topics, each read once: a schema's id can be registered once in a process.</summary>
internal static class PublishedSchemas
{
    private static readonly Dictionary<string, JsonSchema> Schemas =
        TopicSchemas.Of(new PipelineTopics("", 4, null)).ToDictionary(pair => pair.Topic.Name, pair => JsonSchema.FromText(pair.Schema));

    public static bool IsValid(string topic, string json)
    {
        using var document = JsonDocument.Parse(json);
        return Schemas[topic].Evaluate(document.RootElement).IsValid;
    }
}
