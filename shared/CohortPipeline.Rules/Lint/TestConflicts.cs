using CohortPipeline.Rules.Filters.Operators;

namespace CohortPipeline.Rules.Lint;

internal enum TestConflict
{
    /// <summary>No value satisfies both.</summary>
    Never,

    /// <summary>No scalar satisfies both; of a list, different elements may.</summary>
    UnlessList,
}

/// <summary>Tests of one property that exclude each other, as far as that can be proved from the tests alone.</summary>
internal static class TestConflicts
{
    public static TestConflict? Between(ValueTest first, ValueTest second) => One(first, second) ?? One(second, first);

    private static TestConflict? One(ValueTest first, ValueTest second) => (first, second) switch
    {
        ({ IsPositive: true }, ExistsTest { IsPositive: false }) => TestConflict.Never,
        (TextTest { Name: TextTest.ContainsOperator } wanted, TextTest { IsPositive: false } unwanted) when Contains(wanted, unwanted) => TestConflict.Never,
        (EqualityTest { IsPositive: true } wanted, EqualityTest { IsPositive: false } unwanted) when IsPartOf(wanted, unwanted) => TestConflict.Never,
        (EqualityTest { IsPositive: true } one, EqualityTest { IsPositive: true } other) when !one.Operands.Any(operand => Has(other, operand, one.IgnoresCase || other.IgnoresCase)) => TestConflict.UnlessList,
        (EqualityTest { IsPositive: true } values, { Range: { } range }) when !values.Operands.Any(operand => operand.IsNumeric && range.Contains(operand.Number)) => TestConflict.UnlessList,
        ({ Range: { } one }, { Range: { } other }) when one.IsApartFrom(other) => TestConflict.UnlessList,
        _ => null,
    };

    private static bool Contains(TextTest wanted, TextTest unwanted) =>
        wanted.IgnoresCase == unwanted.IgnoresCase
        && wanted.Text.Contains(unwanted.Text, wanted.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static bool IsPartOf(EqualityTest wanted, EqualityTest unwanted) =>
        (unwanted.IgnoresCase || !wanted.IgnoresCase) && wanted.Operands.All(operand => Has(unwanted, operand, unwanted.IgnoresCase));

    private static bool Has(EqualityTest test, Operand operand, bool ignoresCase)
    {
        var comparison = ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return test.Operands.Any(other => other.IsNumeric ? operand.IsNumeric && other.Number == operand.Number : !operand.IsNumeric && string.Equals(other.Text, operand.Text, comparison));
    }
}
