namespace CohortPipeline.Rules.Filters.Index;

/// <summary>Something about one path without which a filter that is filed under it cannot match.</summary>
internal abstract record Posting(string Path)
{
    /// <summary>A guess at the share of events that have it.</summary>
    /// <param name="values">How many values of the path the plan's filters tell apart.</param>
    public abstract double Share(int values);
}

/// <summary>One of the values is this number.</summary>
internal sealed record NumberPosting(string Path, decimal Number) : Posting(Path)
{
    public override double Share(int values) => 1.0 / (values + 1);
}

/// <summary>One of the values is this text, and not numeric.</summary>
internal sealed record TextPosting(string Path, string Text) : Posting(Path)
{
    public override double Share(int values) => 1.0 / (values + 1);
}

/// <summary>A number lies in this range, both ends included; where there are several values, there is a number among them.</summary>
internal sealed record RangePosting(string Path, decimal Low, decimal High) : Posting(Path)
{
    public override double Share(int values) => Low == decimal.MinValue || High == decimal.MaxValue ? 0.5 : 0.25;
}

/// <summary>There is a value other than null.</summary>
internal sealed record PresencePosting(string Path) : Posting(Path)
{
    public override double Share(int values) => 0.9;
}
