using System.Collections.Immutable;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>A value of the file being read, the path to it, and the errors found so far. Readers report here and answer null, and go on, so that all errors of a file are found.</summary>
internal readonly struct Cursor(SourceNode node, string path, ErrorCollector errors)
{
    public SourceNode Node { get; } = node;

    public string Path { get; } = path;

    public Cursor Member(SourceMember member) => new(member.Value, Path.Length == 0 ? member.Name : $"{Path}.{member.Name}", errors);

    public Cursor Item(int index) => new(((SourceList)Node).Items[index], $"{Path}[{index}]", errors);

    public int ErrorCount => errors.Count;

    public void Error(string expected) => Error(Node.Description, expected);

    public void Error(string found, string expected) => Error(Node.Line, Node.Column, found, expected);

    public void Error(int line, int column, string found, string expected, string? nearest = null) =>
        errors.Add(line, column, Path, found, expected, nearest);

    public IReadOnlyList<SourceMember>? Members(string expected)
    {
        if (Node is SourceMap map)
            return map.Members;
        Error(expected);
        return null;
    }

    /// <summary>The list's items; null, with an error, for what is no list, or has fewer or more items than allowed.</summary>
    public IReadOnlyList<SourceNode>? Items(string expected, int min, int max)
    {
        if (Node is not SourceList list)
        {
            Error(expected);
            return null;
        }

        if (list.Items.Count >= min && list.Items.Count <= max)
            return list.Items;
        Error(list.Items.Count == 0 ? "an empty list" : $"a list of {list.Items.Count}", expected);
        return null;
    }

    public string? Text(string expected)
    {
        if (Node is SourceScalar { Kind: ScalarKind.Text } scalar)
            return scalar.Text;
        Error(expected);
        return null;
    }

    public bool? Boolean()
    {
        if (Node is SourceScalar { Kind: ScalarKind.Boolean } scalar)
            return scalar.Text == "true";
        Error("true or false");
        return null;
    }

    public ImmutableArray<T>? All<T>(Func<Cursor, T?> read, string expected, int min, int max)
        where T : class
    {
        var isRightLength = Items(expected, min, max) is not null;
        if (Node is not SourceList { Items: var items })
            return null;
        var result = ImmutableArray.CreateBuilder<T>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (read(Item(i)) is { } item)
                result.Add(item);
        }

        return isRightLength && result.Count == items.Count ? result.ToImmutable() : null;
    }
}
