namespace CohortPipeline.Sinks;

/// <summary>Reads a text of definitions: one or several YAML documents, a JSON object, or a JSON array of objects.</summary>
internal static class ConfigText
{
    /// <summary>Nesting that no definition needs.</summary>
    public const int DepthMax = 32;

    /// <exception cref="ConfigTextException">It is neither.</exception>
    public static IReadOnlyList<ConfigNode> Read(string text)
    {
        var documents = JsonConfig.TryRead(text, out var json, out var jsonError) ? [json] : ReadYaml(text, jsonError);
        return documents is [ConfigList list] ? list.Items : documents;
    }

    /// <summary>A text that begins as JSON and is not may still be YAML in flow style; if it is neither, JSON's error is the one to show.</summary>
    private static IReadOnlyList<ConfigNode> ReadYaml(string text, ConfigTextException? jsonError)
    {
        try
        {
            return YamlConfig.Read(text);
        }
        catch (ConfigTextException) when (jsonError is not null)
        {
            throw jsonError;
        }
    }
}
