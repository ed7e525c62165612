using System.Collections.Immutable;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>The errors of one file.</summary>
internal sealed class ErrorCollector(string file)
{
    private readonly List<DefinitionError> _errors = [];

    public int Count => _errors.Count;

    public void Add(int line, int column, string path, string found, string expected, string? nearest) =>
        _errors.Add(new(file, line, column, path, found, expected, nearest));

    public void Add(SyntaxError error) => Add(error.Line, error.Column, "", error.Found, error.Expected, null);

    public ImmutableArray<DefinitionError> InOrder() => [.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
