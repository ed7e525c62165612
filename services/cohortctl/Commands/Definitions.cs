using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.CohortCtl;

/// <summary>Definitions that a command works with: all of them, or an error with everything that is wrong.</summary>
internal static class Definitions
{
    /// <summary>What the files and folders hold, each file by itself.</summary>
    public static IReadOnlyList<ParseResult> Parse(IEnumerable<string> paths) =>
        [.. InputFiles.Read(paths).Select(file => DefinitionParser.Parse(file.Text, file.Name))];

    /// <exception cref="InputFileException">A file has errors, or two have the same cohort.</exception>
    public static IReadOnlyList<CohortDefinition> Read(IEnumerable<string> paths)
    {
        var results = Parse(paths);
        var errors = results.SelectMany(result => result.Errors).Select(error => error.ToString()).ToList();
        var definitions = results.SelectMany(result => result.Definitions).ToList();
        errors.AddRange(definitions.GroupBy(definition => definition.Id).Where(same => same.Count() > 1).Select(same => $"`{same.Key}` is defined {same.Count()} times, expected once"));
        return errors.Count == 0 ? definitions : throw new InputFileException("the definitions are not accepted", errors);
    }
}
