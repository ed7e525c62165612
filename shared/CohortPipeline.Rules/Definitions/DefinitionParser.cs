using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions;

/// <summary>
/// Reads definition files (<c>docs/spec/cohorts.md</c> §1): one definition, several YAML documents, or a JSON array; YAML by
/// the 1.2 core schema. All errors of a file are found; with any, no definition of it is taken.
/// </summary>
public static class DefinitionParser
{
    /// <param name="text">The file's content.</param>
    /// <param name="fileName">Stands in errors.</param>
    public static ParseResult Parse(string text, string fileName)
    {
        var errors = new ErrorCollector(fileName);
        var documents = SourceText.Read(text, out var syntaxError);
        if (syntaxError is not null)
            errors.Add(syntaxError);
        else if (documents.Count == 0)
            errors.Add(1, 1, "", "no definition", "a definition: an object with `id` and `where`", null);

        var definitions = ImmutableArray.CreateBuilder<CohortDefinition>();
        var ids = new Dictionary<string, SourceNode>(StringComparer.Ordinal);
        foreach (var cursor in documents.SelectMany(document => DefinitionsIn(document, errors)))
        {
            if (DefinitionReader.Read(cursor, ids) is { } definition)
                definitions.Add(definition);
        }

        return new(definitions.ToImmutable(), errors.InOrder());
    }

    /// <summary>Reads a definition from a record: canonical JSON in UTF-8.</summary>
    public static ParseResult Parse(ReadOnlySpan<byte> json, string fileName) => Parse(Encoding.UTF8.GetString(json), fileName);

    private static IEnumerable<Cursor> DefinitionsIn(SourceNode document, ErrorCollector errors)
    {
        var cursor = new Cursor(document, "", errors);
        if (document is not SourceList list)
            return [cursor];
        if (list.Items.Count > 0)
            return Enumerable.Range(0, list.Items.Count).Select(cursor.Item);
        cursor.Error("at least one definition");
        return [];
    }
}
