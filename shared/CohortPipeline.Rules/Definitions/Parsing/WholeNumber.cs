using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>Whole numbers of definitions: JSON numbers, in whatever form they are written (<c>3</c>, <c>3.0</c>).</summary>
internal static class WholeNumber
{
    /// <summary>Null, with an error, for what is none from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static int? Read(Cursor cursor, int min, int max)
    {
        if (cursor.Node is SourceScalar { Kind: ScalarKind.Number } scalar
            && NumericText.TryParse(Encoding.UTF8.GetBytes(scalar.Text), out var number)
            && number >= min && number <= max
            && decimal.IsInteger(number))
            return (int)number;
        cursor.Error($"a whole number from {min} to {max}");
        return null;
    }
}
