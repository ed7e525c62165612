namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>Numbers from <paramref name="Low"/> to <paramref name="High"/>; each end is in it or not.</summary>
internal readonly record struct NumberRange(decimal Low, bool HasLow, decimal High, bool HasHigh)
{
    public static NumberRange From(decimal low, bool isIncluded) => new(low, isIncluded, decimal.MaxValue, HasHigh: true);

    public static NumberRange UpTo(decimal high, bool isIncluded) => new(decimal.MinValue, HasLow: true, high, isIncluded);

    public bool Contains(decimal number) => (HasLow ? number >= Low : number > Low) && (HasHigh ? number <= High : number < High);

    /// <summary>Whether there is no number in both.</summary>
    public bool IsApartFrom(in NumberRange other) =>
        Low > other.High || other.Low > High || (Low == other.High && !(HasLow && other.HasHigh)) || (other.Low == High && !(other.HasLow && HasHigh));
}
