namespace CohortPipeline.Rules.Sources;

/// <summary>A value of a definition file as it was written, with its place (both count from 1): the one model of YAML and JSON.</summary>
internal abstract class SourceNode(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>What an error says was found here.</summary>
    public abstract string Description { get; }
}

internal enum ScalarKind
{
    Null,
    Boolean,
    Number,
    Text,
}

/// <summary>A number's text is a JSON number, whatever form of it the file used.</summary>
internal sealed class SourceScalar(ScalarKind kind, string text, int line, int column) : SourceNode(line, column)
{
    private const int QuotedLengthMax = 60;

    public ScalarKind Kind { get; } = kind;

    public string Text { get; } = text;

    public override string Description => Kind switch
    {
        ScalarKind.Null => "null",
        ScalarKind.Text => $"the text \"{Shortened}\"",
        ScalarKind.Number => $"the number {Shortened}",
        _ => Shortened,
    };

    private string Shortened => Text.Length <= QuotedLengthMax ? Text : $"{Text[..QuotedLengthMax]}…";
}

internal sealed class SourceList(IReadOnlyList<SourceNode> items, int line, int column) : SourceNode(line, column)
{
    public IReadOnlyList<SourceNode> Items { get; } = items;

    public override string Description => Items.Count == 0 ? "an empty list" : "a list";
}

internal sealed class SourceMap(IReadOnlyList<SourceMember> members, int line, int column) : SourceNode(line, column)
{
    public IReadOnlyList<SourceMember> Members { get; } = members;

    public override string Description => Members.Count == 0 ? "an empty object" : "an object";
}

/// <summary>A name of an object, with the place where the name stands.</summary>
internal sealed record SourceMember(string Name, int Line, int Column, SourceNode Value);
