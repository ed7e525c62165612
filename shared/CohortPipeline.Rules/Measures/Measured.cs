namespace CohortPipeline.Rules.Measures;

/// <summary>A measure's value as a fraction, so that averages are exact: <paramref name="Total"/> over <paramref name="Count"/>.</summary>
/// <param name="Total">In the unit of the measure: events, dates, values, or billionths.</param>
/// <param name="Count">1 but for averages; 0 for no value.</param>
public readonly record struct Measured(Int128 Total, long Count)
{
    public static Measured Nothing => default;

    public bool HasValue => Count > 0;

    public static Measured Of(Int128 total) => new(total, 1);
}
