using CohortPipeline.Sinks;

namespace CohortPipeline.Control;

/// <summary>The rows of <c>destinations</c>. One that cannot be read is left out of the table and named.</summary>
internal sealed record DestinationRows(IReadOnlyDictionary<string, Destination> Destinations, IReadOnlyDictionary<string, string> Unreadable)
{
    public static DestinationRows Read(TopicRows rows)
    {
        var read = new Dictionary<string, Destination>(StringComparer.Ordinal);
        var unreadable = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, value) in rows.ByKey)
        {
            if (DestinationCodec.TryRead(id, value, out var destination, out var error))
                read.Add(id, destination);
            else
                unreadable.Add(id, error);
        }

        return new(read, unreadable);
    }

    public static ControlError NotFound(string id) => new(
        ControlErrorKind.NotFound,
        $"There is no destination `{id}`",
        "`cohortctl destinations list` shows those there are.");
}
