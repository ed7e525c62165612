namespace CohortPipeline.Rules.Measures;

/// <summary>What the functions need to know of remembered events: how many, and of values in billionths their sum and ends.</summary>
internal readonly record struct Tally(long Count, Int128 Sum, Int128 Least, Int128 Greatest)
{
    public static Tally Of(Int128 value) => new(1, value, value, value);

    public static Tally OfCount(int count) => new(count, 0, 0, 0);

    public Tally And(in Tally other)
    {
        if (Count == 0)
            return other;
        return other.Count == 0
            ? this
            : new(Count + other.Count, Sum + other.Sum, Int128.Min(Least, other.Least), Int128.Max(Greatest, other.Greatest));
    }

    public Measured Value(MeasureFunction function) => function switch
    {
        MeasureFunction.Count => Measured.Of(Count),
        MeasureFunction.Sum => Measured.Of(Sum),
        MeasureFunction.Average => new(Sum, Count),
        MeasureFunction.Least => Count == 0 ? Measured.Nothing : Measured.Of(Least),
        _ => Count == 0 ? Measured.Nothing : Measured.Of(Greatest),
    };
}
