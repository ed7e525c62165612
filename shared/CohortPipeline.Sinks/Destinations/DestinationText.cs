using System.Text;

namespace CohortPipeline.Sinks;

/// <summary>
/// Reads destinations from YAML or JSON: our own shape, or Lytics' subscription call as it stands. A text holds one
/// destination, several YAML documents or a JSON array; it is accepted whole, or every error is listed.
/// </summary>
public static class DestinationText
{
    /// <summary>Far more than any definition needs.</summary>
    public const int TextBytesMax = 1024 * 1024;

    public static DestinationReading Read(string text)
    {
        var errors = new List<DestinationError>();
        var destinations = new List<Destination>();
        foreach (var node in Parse(text, errors))
        {
            if (ReadOne(node, errors) is { } destination)
                destinations.Add(destination);
        }

        foreach (var twice in destinations.GroupBy(destination => destination.Id).Where(group => group.Count() > 1))
            errors.Add(new("id", $"`{twice.Key}` stands there {twice.Count()} times"));
        return new(errors.Count == 0 ? destinations : [], errors);
    }

    private static IReadOnlyList<ConfigNode> Parse(string text, List<DestinationError> errors)
    {
        if (Encoding.UTF8.GetByteCount(text) > TextBytesMax)
        {
            errors.Add(new("", $"larger than {TextBytesMax} bytes"));
            return [];
        }

        try
        {
            var nodes = ConfigText.Read(text);
            if (nodes.Count == 0)
                errors.Add(new("", "holds no destination"));
            return nodes;
        }
        catch (ConfigTextException exception)
        {
            errors.Add(new("", exception.Message, exception.Line, exception.Column));
            return [];
        }
    }

    private static Destination? ReadOne(ConfigNode node, List<DestinationError> errors)
    {
        if (node is not ConfigMap map)
        {
            errors.Add(new("", $"found {node.Description}, expected an object with the fields of a destination", node.Line, node.Column));
            return null;
        }

        var count = errors.Count;
        var fields = new FieldReader(map, errors);
        Destination? destination = LyticsSubscription.Is(fields) ? LyticsSubscription.Read(fields) : ReadOurs(fields);
        return errors.Count == count ? destination : null;
    }

    private static Destination? ReadOurs(FieldReader fields)
    {
        switch (fields.Choice("sink", "", [(KinesisDestination.SinkName, KinesisDestination.SinkName), (S3Destination.SinkName, S3Destination.SinkName)], required: true))
        {
            case KinesisDestination.SinkName:
                return KinesisFields.Read(fields);
            case S3Destination.SinkName:
                return S3Fields.Read(fields);
            default:
                return null;
        }
    }
}
