using CohortPipeline.Rules.Filters;

namespace CohortPipeline.Rules.Lint;

/// <summary>Guesses from a property's name whether it holds a list: a plural, or a name that says so.</summary>
internal static class ListNames
{
    private static readonly string[] Endings = ["list", "set", "array", "ids"];

    /// <summary>Ends of words that are no plurals, though they end in s.</summary>
    private static readonly string[] SingularEndings = ["ss", "us", "is", "news", "sms"];

    public static bool LooksLikeOne(PropertyPath path)
    {
        var name = path.Text[(path.Text.LastIndexOfAny(['.', '/', '$']) + 1)..];
        return EndsWithOne(name, Endings) || (name.Length > 2 && name.EndsWith('s') && !EndsWithOne(name, SingularEndings));
    }

    private static bool EndsWithOne(string name, string[] endings) => Array.Exists(endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
