using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>Some of an index's filters, such as those of one event type. What filters are filed under is the index's, and there once.</summary>
internal sealed class FilterView(FilterIndex index, NumberSet filters)
{
    public FilterIndex Index => index;

    /// <summary>Some filter looks at the event's properties: <see cref="EventValues.Properties"/> must be loaded.</summary>
    public required bool UsesProperties { get; init; }

    /// <summary>Some filter looks at the event's context: <see cref="EventValues.Context"/> must be loaded.</summary>
    public required bool UsesContext { get; init; }

    public required int[] MatchAlways { get; init; }

    /// <summary>What cannot be filed under anything.</summary>
    public required int[] AskedAlways { get; init; }

    /// <summary>The files in which there are some of the filters.</summary>
    public required PathFile[] Files { get; init; }

    public bool Has(int filter) => filters.Contains(filter);

    /// <summary>Finds the filters that match; they stand in <see cref="FilterMatches.Found"/> until the next call.</summary>
    public void Find(EventValues values, FilterMatches matches)
    {
        matches.Begin(this, values);
        matches.Add(MatchAlways);
        matches.Ask(AskedAlways);
        foreach (var file in Files)
            file.Find(matches);
    }
}
