using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.CohortCtl;

/// <summary>Definitions that a command works with: all of them, or an error with everything that is wrong.</summary>
internal static class Definitions
{
    /// <summary>What the files and folders hold, each file by itself.</summary>
    public static IReadOnlyList<ParseResult> Parse(IEnumerable<string> paths) =>
        [.. InputFiles.Read(paths).Select(file => DefinitionParser.Parse(file.Text, file.Name))];

    /// <summary>Ids that stand more than once, a sentence each.</summary>
    public static IEnumerable<string> Repeated(IEnumerable<CohortDefinition> definitions) =>
        definitions.GroupBy(definition => definition.Id).Where(same => same.Count() > 1).Select(same => $"`{same.Key}` is defined {same.Count()} times, expected once");

    /// <exception cref="InputFileException">A file has errors, two have the same cohort, or one asks for membership of another that is not there, or in a circle.</exception>
    public static IReadOnlyList<CohortDefinition> Read(IEnumerable<string> paths)
    {
        var results = Parse(paths);
        var errors = results.SelectMany(result => result.Errors).Select(error => error.ToString()).ToList();
        var definitions = results.SelectMany(result => result.Definitions).ToList();
        errors.AddRange(Repeated(definitions));
        if (errors.Count == 0)
            errors.AddRange(CohortReferences.Check(definitions.ToDictionary(definition => definition.Id, CohortReferences.Of)));
        return errors.Count == 0 ? definitions : throw new InputFileException("the definitions are not accepted", errors);
    }
}
