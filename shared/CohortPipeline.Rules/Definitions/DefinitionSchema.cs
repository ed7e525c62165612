namespace CohortPipeline.Rules.Definitions;

/// <summary>The JSON Schema (draft-07) of definition files, for editors and other tools.</summary>
public static class DefinitionSchema
{
    private const string Resource = "CohortPipeline.Rules.Definitions.cohort-definition.schema.json";

    public const string FileName = "cohort-definition.schema.json";

    public static string ReadText()
    {
        using var stream = typeof(DefinitionSchema).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {Resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
