using System.Numerics;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>What a measure must be; an end that is null is open.</summary>
internal sealed record OracleBound(decimal? Low, bool LowIncluded, decimal? High, bool HighIncluded)
{
    private static readonly string[] Names = ["at_least", "at_most", "more_than", "less_than", "exactly", "between"];

    /// <summary>Of a counted bound: how many of the newest decide it, however many there are.</summary>
    public int Needed => High is { } high ? (int)high + (HighIncluded ? 1 : 0) : (int)Low! + (LowIncluded ? 0 : 1);

    public bool Holds(int count) => Holds(InBillionths(count), 1);

    /// <summary>Whether sum divided by count, both exact, lies in the bound.</summary>
    public bool Holds(BigInteger sum, int count) =>
        (Low is not { } low || sum > InBillionths(low) * count || (LowIncluded && sum == InBillionths(low) * count))
        && (High is not { } high || sum < InBillionths(high) * count || (HighIncluded && sum == InBillionths(high) * count));

    /// <summary>Rounded half-even to 9 decimals, as a whole number of 10⁻⁹.</summary>
    public static BigInteger InBillionths(decimal number)
    {
        const decimal unit = 0.000_000_001m;
        var rounded = Math.Round(number, 9, MidpointRounding.ToEven);
        var whole = decimal.Truncate(rounded);
        return (new BigInteger(whole) * 1_000_000_000) + new BigInteger((rounded - whole) / unit);
    }

    public static OracleBound AtLeast(decimal low) => new(low, true, null, false);

    /// <summary>The one bound among the members.</summary>
    public static OracleBound Parse(JsonElement json)
    {
        var (name, operand) = json.EnumerateObject().Where(member => Names.Contains(member.Name)).Select(member => (member.Name, member.Value)).Single();
        return name switch
        {
            "at_least" => AtLeast(operand.GetDecimal()),
            "more_than" => new(operand.GetDecimal(), false, null, false),
            "at_most" => new(null, false, operand.GetDecimal(), true),
            "less_than" => new(null, false, operand.GetDecimal(), false),
            "exactly" => new(operand.GetDecimal(), true, operand.GetDecimal(), true),
            _ => new(operand[0].GetDecimal(), true, operand[1].GetDecimal(), true),
        };
    }
}
