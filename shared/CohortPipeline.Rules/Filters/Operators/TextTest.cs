using System.Text;
using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>contains</c>, <c>not_contains</c>, <c>starts_with</c>, <c>ends_with</c>: ordinal, of texts and of the texts that numbers and booleans have.</summary>
public sealed class TextTest : ValueTest
{
    internal const string ContainsOperator = "contains";
    internal const string NotContains = "not_contains";
    internal const string StartsWith = "starts_with";
    internal const string EndsWith = "ends_with";

    private readonly string _text;
    private readonly byte[] _utf8;
    private readonly bool _ignoresCase;

    private TextTest(string name, string text, bool ignoresCase)
    {
        Name = name;
        _text = text;
        _utf8 = Encoding.UTF8.GetBytes(text);
        _ignoresCase = ignoresCase;
    }

    public override string Name { get; }

    internal string Text => _text;

    internal bool IgnoresCase => _ignoresCase;

    internal override bool IsPositive => Name != NotContains;

    internal static TextTest? Read(string name, Cursor cursor, bool ignoresCase) =>
        cursor.Text("a text (a number in quotes)") is { } text ? new(name, text, ignoresCase) : null;

    internal override bool Holds(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (_ignoresCase ? HoldsFor(candidates.CharactersOf(i)) : HoldsFor(candidates.TextOf(i)))
                return IsPositive;
        }

        return !IsPositive;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString(Name, _text);

    /// <summary>No character's UTF-8 begins inside another's, so that bytes tell what characters would.</summary>
    private bool HoldsFor(ReadOnlySpan<byte> value) => Name switch
    {
        StartsWith => value.StartsWith(_utf8),
        EndsWith => value.EndsWith(_utf8),
        _ => value.IndexOf(_utf8) >= 0,
    };

    private bool HoldsFor(ReadOnlySpan<char> value) => Name switch
    {
        StartsWith => value.StartsWith(_text, StringComparison.OrdinalIgnoreCase),
        EndsWith => value.EndsWith(_text, StringComparison.OrdinalIgnoreCase),
        _ => value.Contains(_text, StringComparison.OrdinalIgnoreCase),
    };
}
