namespace CohortPipeline.TestKit.Telemetry;

/// <summary>A span as a collector printed it; identifiers in hex.</summary>
/// <param name="ParentId">Empty at the root of a trace.</param>
public sealed record CollectedSpan(string Service, string TraceId, string ParentId, string Id, string Name, string Kind, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<(string TraceId, string Id)> Links);

/// <summary>A point of a metric: its value, or how many values a histogram holds.</summary>
public sealed record CollectedPoint(string Service, string Metric, IReadOnlyDictionary<string, string> Attributes, double Value);

/// <summary>Reads what the collector's <c>debug</c> exporter prints with <c>verbosity: detailed</c>, line by line.</summary>
public sealed class CollectedTelemetry
{
    private readonly List<CollectedSpan> _spans = [];
    private readonly List<CollectedPoint> _points = [];
    private Dictionary<string, string> _attributes = [];
    private Dictionary<string, string> _fields = [];
    private List<(string TraceId, string Id)> _links = [];
    private string _service = "";
    private string _metric = "";
    private Section _section;

    private enum Section
    {
        None,
        Resource,
        Span,
        Link,
        Descriptor,
        Point,
    }

    public IReadOnlyList<CollectedSpan> Spans => _spans;

    /// <summary>Every point of every export, the newest last.</summary>
    public IReadOnlyList<CollectedPoint> Points => _points;

    public void Read(string line)
    {
        if (IsHeading(line, out var section))
        {
            EndSpan();
            _section = section;
            (_attributes, _fields, _links) = ([], [], []);
        }
        else if (line.StartsWith("SpanLink #", StringComparison.Ordinal))
        {
            _section = Section.Link;
        }
        else if (line.TrimStart().StartsWith("-> ", StringComparison.Ordinal))
        {
            Attribute(line.Trim()[3..]);
        }
        else if (line.Split(':', 2) is [var name, var value])
        {
            Field(name.Trim(), value.Trim());
        }
    }

    private static bool IsHeading(string line, out Section section)
    {
        section = line switch
        {
            _ when line.Contains("\tResourceSpans #", StringComparison.Ordinal) || line.StartsWith("ResourceSpans #", StringComparison.Ordinal) => Section.Resource,
            _ when line.Contains("\tResourceMetrics #", StringComparison.Ordinal) || line.StartsWith("ResourceMetrics #", StringComparison.Ordinal) => Section.Resource,
            _ when line.StartsWith("Span #", StringComparison.Ordinal) => Section.Span,
            _ when line.StartsWith("Descriptor:", StringComparison.Ordinal) => Section.Descriptor,
            _ when line.StartsWith("NumberDataPoints #", StringComparison.Ordinal) || line.StartsWith("HistogramDataPoints #", StringComparison.Ordinal) => Section.Point,
            // The context that a log entry of the collector ends with.
            _ when line.StartsWith("\t{", StringComparison.Ordinal) => Section.None,
            _ => (Section)(-1),
        };
        return section >= 0;
    }

    private void Attribute(string text)
    {
        if (text.Split(": ", 2) is not [var name, var value])
            return;
        value = value.IndexOf('(', StringComparison.Ordinal) is > 0 and var open && value.EndsWith(')') ? value[(open + 1)..^1] : value;
        switch (_section)
        {
            case Section.Resource when name == "service.name":
                _service = value;
                break;
            case Section.Descriptor when name == "Name":
                _metric = value;
                break;
            case Section.Link when name == "Trace ID":
                _links.Add((value, ""));
                break;
            case Section.Link when name == "ID":
                _links[^1] = (_links[^1].TraceId, value);
                break;
            case Section.Span or Section.Point:
                _attributes[name] = value;
                break;
        }
    }

    private void Field(string name, string value)
    {
        if (_section == Section.Span)
            _fields[name] = value;
        else if (_section == Section.Point && name is "Value" or "Count")
            _points.Add(new(_service, _metric, _attributes, double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>A span is whole when something else begins.</summary>
    private void EndSpan()
    {
        if (_fields.TryGetValue("ID", out var id))
            _spans.Add(new(_service, _fields["Trace ID"], _fields["Parent ID"], id, _fields["Name"], _fields["Kind"], _attributes, _links));
    }
}
