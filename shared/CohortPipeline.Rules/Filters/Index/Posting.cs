namespace CohortPipeline.Rules.Filters.Index;

/// <summary>Something about one path without which a filter that is filed under it cannot match.</summary>
internal abstract record Posting(string Path)
{
    /// <summary>The lower, the fewer filters are asked in vain.</summary>
    public abstract int Rank { get; }
}

/// <summary>One of the values is this number.</summary>
internal sealed record NumberPosting(string Path, decimal Number) : Posting(Path)
{
    public override int Rank => 0;
}

/// <summary>One of the values is this text, and not numeric.</summary>
internal sealed record TextPosting(string Path, string Text) : Posting(Path)
{
    public override int Rank => 0;
}

/// <summary>A number lies in this range, both ends included; where there are several values, there is a number among them.</summary>
internal sealed record RangePosting(string Path, decimal Low, decimal High) : Posting(Path)
{
    public override int Rank => 1;
}

/// <summary>There is a value other than null.</summary>
internal sealed record PresencePosting(string Path) : Posting(Path)
{
    public override int Rank => 2;
}
