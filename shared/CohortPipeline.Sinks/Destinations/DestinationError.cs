namespace CohortPipeline.Sinks;

/// <summary>One thing that is wrong with a destination.</summary>
/// <param name="Path">The field, such as <c>cohorts[1]</c>; empty for the whole.</param>
/// <param name="Text">What was found and what was expected.</param>
/// <param name="Line">Where it stands in the text, from 1; 0 if there is no text.</param>
/// <param name="Column">From 1; 0 if there is no text.</param>
public sealed record DestinationError(string Path, string Text, int Line = 0, int Column = 0)
{
    public override string ToString()
    {
        var place = Line > 0 ? $"line {Line}, column {Column}: " : "";
        return Path.Length > 0 ? $"{place}{Path}: {Text}" : place + Text;
    }
}

/// <summary>What a text of destinations gave: all of them, or every error and none of them.</summary>
public sealed record DestinationReading(IReadOnlyList<Destination> Destinations, IReadOnlyList<DestinationError> Errors)
{
    public bool IsValid => Errors.Count == 0;
}
