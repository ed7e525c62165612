namespace CohortPipeline.Rules.Measures;

public enum BoundOperator
{
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
    Exactly,
    Between,
}

/// <summary>What a measure is held against. No bound holds of a measure without a value.</summary>
/// <param name="Low">The operand in the measure's unit; of <see cref="BoundOperator.Between"/> the lower one.</param>
/// <param name="High">The operand; of <see cref="BoundOperator.Between"/> the upper one, included.</param>
public sealed record Bound(BoundOperator Operator, Int128 Low, Int128 High)
{
    /// <summary>What a <c>did</c> without a measure asks for.</summary>
    public static Bound AtLeastOne { get; } = new(BoundOperator.AtLeast, 1, 1);

    /// <summary>Of counted measures: how many of the newest tell whether the bound holds, whatever number there are.</summary>
    public int CountNeeded => (int)(Operator switch
    {
        BoundOperator.AtLeast or BoundOperator.LessThan => High,
        _ => High + 1,
    });

    /// <summary>Where the bound's truth changes as the value rises.</summary>
    internal IEnumerable<Edge> Edges => Operator switch
    {
        BoundOperator.AtLeast or BoundOperator.LessThan => [new(Low, IsAbove: false)],
        BoundOperator.MoreThan or BoundOperator.AtMost => [new(Low, IsAbove: true)],
        _ => [new(Low, IsAbove: false), new(High, IsAbove: true)],
    };

    public bool Holds(in Measured value) => value.HasValue && Operator switch
    {
        BoundOperator.AtLeast => IsAtLeastLow(value),
        BoundOperator.LessThan => !IsAtLeastLow(value),
        BoundOperator.AtMost => !IsAboveHigh(value),
        BoundOperator.MoreThan => IsAboveHigh(value),
        _ => IsAtLeastLow(value) && !IsAboveHigh(value),
    };

    /// <summary>For people, such as <c>at least 3</c>.</summary>
    internal string Describe(MeasureFunction function)
    {
        var (low, high) = (NumberUnit.Describe(Measured.Of(Low), function), NumberUnit.Describe(Measured.Of(High), function));
        return Operator switch
        {
            BoundOperator.AtLeast => $"at least {low}",
            BoundOperator.AtMost => $"at most {high}",
            BoundOperator.MoreThan => $"more than {low}",
            BoundOperator.LessThan => $"less than {high}",
            BoundOperator.Exactly => $"exactly {low}",
            _ => $"between {low} and {high}",
        };
    }

    private bool IsAtLeastLow(in Measured value) => new Edge(Low, IsAbove: false).IsReachedBy(value);

    private bool IsAboveHigh(in Measured value) => new Edge(High, IsAbove: true).IsReachedBy(value);
}

/// <summary>A place on the scale of a measure: at a value, or just above it.</summary>
internal readonly record struct Edge(Int128 Value, bool IsAbove) : IComparable<Edge>
{
    /// <summary>Of counted measures: the least count that reaches the edge.</summary>
    public int LeastCount => (int)Value + (IsAbove ? 1 : 0);

    public bool IsReachedBy(in Measured value)
    {
        var there = Value * value.Count;
        return IsAbove ? value.Total > there : value.Total >= there;
    }

    public int CompareTo(Edge other) => Value == other.Value ? IsAbove.CompareTo(other.IsAbove) : Value.CompareTo(other.Value);
}
