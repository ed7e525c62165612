namespace CohortPipeline.Sinks;

/// <summary>A value of a definition's text, with its place (both count from 1): the one model of YAML and JSON.</summary>
internal abstract record ConfigNode(int Line, int Column)
{
    /// <summary>What an error says was found here.</summary>
    public abstract string Description { get; }
}

internal enum ConfigScalarKind
{
    Null,
    Boolean,
    Number,
    Text,
}

internal sealed record ConfigScalar(ConfigScalarKind Kind, string Text, int Line, int Column) : ConfigNode(Line, Column)
{
    private const int DescriptionLengthMax = 60;

    public override string Description => Kind switch
    {
        ConfigScalarKind.Null => "nothing",
        ConfigScalarKind.Text => $"the text \"{Shortened}\"",
        ConfigScalarKind.Number => $"the number {Shortened}",
        _ => Shortened,
    };

    private string Shortened => Text.Length <= DescriptionLengthMax ? Text : $"{Text[..DescriptionLengthMax]}…";
}

internal sealed record ConfigList(IReadOnlyList<ConfigNode> Items, int Line, int Column) : ConfigNode(Line, Column)
{
    public override string Description => Items.Count == 0 ? "an empty list" : "a list";
}

internal sealed record ConfigMap(IReadOnlyList<ConfigMember> Members, int Line, int Column) : ConfigNode(Line, Column)
{
    public override string Description => Members.Count == 0 ? "an empty object" : "an object";
}

internal sealed record ConfigMember(string Name, ConfigNode Value, int Line, int Column);

/// <summary>A text that cannot be read at all.</summary>
internal sealed class ConfigTextException(string message, int line, int column) : Exception(message)
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
