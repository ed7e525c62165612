using CohortPipeline.Rules.Sources.Json;
using CohortPipeline.Rules.Sources.Yaml;

namespace CohortPipeline.Rules.Sources;

/// <summary>Why a text is neither YAML nor JSON.</summary>
internal sealed record SyntaxError(int Line, int Column, string Found, string Expected);

/// <summary>Reads a file's text into documents.</summary>
internal static class SourceText
{
    /// <summary>Deepest nesting of objects and lists.</summary>
    public const int DepthMax = 64;

    /// <summary>Most values of a file, each use of a YAML alias counted in full.</summary>
    public const int NodesMax = 2_000_000;

    public static IReadOnlyList<SourceNode> Read(string text, out SyntaxError? error)
    {
        // JSON that YAML readers stumble over (tabs, long keys, paired surrogates) is read as JSON; YAML's own flow form looks the same at first.
        if (LooksLikeJson(text) && JsonSource.TryRead(text, out var root))
        {
            error = null;
            return [root];
        }

        return YamlSource.Read(text, out error);
    }

    private static bool LooksLikeJson(string text)
    {
        var start = text.AsSpan().TrimStart("\uFEFF \t\r\n");
        return !start.IsEmpty && start[0] is ('{' or '[');
    }
}
