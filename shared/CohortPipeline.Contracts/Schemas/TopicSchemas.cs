namespace CohortPipeline.Contracts;

/// <summary>The published JSON Schemas (draft-07) of the values of our public topics.</summary>
public static class TopicSchemas
{
    /// <summary>Each public topic with the text of its schema.</summary>
    public static IReadOnlyList<(TopicSpec Topic, string Schema)> Of(PipelineTopics topics) =>
    [
        (topics.Activity, Read("activity")),
        (topics.MembershipDeltas, Read("membership-deltas")),
        (topics.Memberships, Read("memberships")),
        (topics.CohortDefinitions, Read("cohort-definitions")),
        (topics.Destinations, Read("destinations")),
    ];

    private static string Read(string name)
    {
        var resource = $"CohortPipeline.Contracts.Schemas.{name}.schema.json";
        using var stream = typeof(TopicSchemas).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
