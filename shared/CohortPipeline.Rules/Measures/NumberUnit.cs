using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Rules.Measures;

/// <summary>Measured numbers are whole billionths: exact to nine decimals.</summary>
internal static class NumberUnit
{
    private const int Decimals = 9;
    private const long PerOne = 1_000_000_000;

    /// <summary>False for a number of 10¹⁵ or more in size, which is not measured.</summary>
    public static bool TryMeasure(decimal number, out Int128 billionths)
    {
        billionths = 0;
        if (Math.Abs(number) >= DefinitionLimits.MeasuredBoundMax)
            return false;
        billionths = (Int128)(decimal.Round(number, Decimals, MidpointRounding.ToEven) * PerOne);
        return true;
    }

    /// <summary>False for what is no number of at most nine decimals within ±10¹⁵.</summary>
    public static bool TryParseBound(string text, out Int128 billionths)
    {
        billionths = 0;
        if (!NumericText.TryParse(Encoding.UTF8.GetBytes(text), out var number)
            || Math.Abs(number) > DefinitionLimits.MeasuredBoundMax
            || decimal.Round(number, Decimals) != number)
            return false;
        billionths = (Int128)(number * PerOne);
        return true;
    }

    public static void Write(Utf8JsonWriter writer, Int128 billionths) => writer.WriteRawValue(ToText(billionths));

    /// <summary>A measure's value for people: an average is cut to nine decimals.</summary>
    public static string Describe(in Measured value, MeasureFunction function)
    {
        if (!value.HasValue)
            return "no value";
        return function == MeasureFunction.Count ? value.Total.ToString(CultureInfo.InvariantCulture) : ToText(value.Total / value.Count);
    }

    private static string ToText(Int128 billionths)
    {
        var (whole, rest) = Int128.DivRem(Int128.Abs(billionths), PerOne);
        return string.Create(CultureInfo.InvariantCulture, $"{(billionths < 0 ? "-" : "")}{whole}.{(long)rest:D9}").TrimEnd('0').TrimEnd('.');
    }
}
