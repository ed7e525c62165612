using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>A scalar that values are compared with: a text, a number or a boolean.</summary>
internal sealed class Operand
{
    private readonly ScalarKind _kind;

    private Operand(ScalarKind kind, string text)
    {
        _kind = kind;
        Utf8 = Encoding.UTF8.GetBytes(text);
        IsNumeric = NumericText.TryParse(Utf8, out var number);
        Number = Normalize(number);
        Text = kind == ScalarKind.Number && IsNumeric ? Number.ToString(CultureInfo.InvariantCulture) : text;
    }

    /// <summary>What a value that is not numeric is compared with; of a number, its shortest text.</summary>
    public string Text { get; }

    public byte[] Utf8 { get; }

    /// <summary>Whether it is a number, or a text that is one.</summary>
    public bool IsNumeric { get; }

    public decimal Number { get; }

    /// <summary>Sorts operands of a list, so that the same set is written in one way.</summary>
    public (int Kind, string Text) SortKey => ((int)_kind, Text);

    /// <summary>The same for operands that differ in case alone.</summary>
    public (int Kind, string Text) FoldedSortKey => ((int)_kind, Text.ToUpperInvariant());

    public static Operand? Read(Cursor cursor)
    {
        if (cursor.Node is SourceScalar { Kind: not ScalarKind.Null } scalar)
            return new(scalar.Kind, scalar.Text);
        cursor.Error(cursor.Node is SourceScalar ? "a text, a number or a boolean (for a value that is missing, `exists: false`)" : "a text, a number or a boolean");
        return null;
    }

    /// <summary>For operators that order: a number, or a text that is one.</summary>
    public static decimal? ReadNumber(Cursor cursor)
    {
        if (cursor.Node is SourceScalar { Kind: ScalarKind.Number or ScalarKind.Text } scalar && new Operand(scalar.Kind, scalar.Text) is { IsNumeric: true } operand)
            return operand.Number;
        cursor.Error("a number within ±79228162514264337593543950335");
        return null;
    }

    public void Write(Utf8JsonWriter writer)
    {
        switch (_kind)
        {
            case ScalarKind.Boolean: writer.WriteBooleanValue(Text == "true"); break;
            case ScalarKind.Number: writer.WriteRawValue(Text); break;
            default: writer.WriteStringValue(Text); break;
        }
    }

    /// <summary>Drops the zeros behind the last digit: division by one with 28 decimals leaves the shortest scale.</summary>
    private static decimal Normalize(decimal number) => number / 1.0000000000000000000000000000m;
}
