using System.Diagnostics;

namespace CohortPipeline.Telemetry;

/// <summary>
/// Starts spans by the messaging conventions. Every start answers null where nobody listens or the trace is not sampled, so
/// that callers write <c>using var span = …</c> and pay nothing for what is off.
/// </summary>
public static class MessagingSpans
{
    /// <summary>A span carries at most this many links; the SDK cuts the rest.</summary>
    public const int LinksMax = 128;

    /// <summary>
    /// Processing of one record, as a child of the span that wrote it. <paramref name="parent"/> must be sampled
    /// (<see cref="TraceContext.TryRead"/>): an inner hop without a context starts no trace.
    /// </summary>
    public static Activity? StartProcess(ActivitySource source, string topic, string group, int partition, long offset, in ActivityContext parent) =>
        parent == default ? null : Start(source, topic, group, partition, offset, parent);

    /// <summary>
    /// Processing of a record that came without a context: the sampler decides here, once, whether a trace begins. For
    /// ingest alone.
    /// </summary>
    public static Activity? StartTrace(ActivitySource source, string topic, string group, int partition, long offset)
    {
        if (!source.HasListeners())
            return null;
        Activity.Current = null;
        return Start(source, topic, group, partition, offset, default);
    }

    /// <summary>Writing of one record; its context goes into the record's headers.</summary>
    public static Activity? StartSend(ActivitySource source, string topic, in ActivityContext parent)
    {
        if (parent == default || !source.HasListeners())
            return null;
        var span = source.StartActivity($"send {topic}", ActivityKind.Producer, parent);
        return Tag(span, MessagingTags.Send, "send", topic);
    }

    /// <summary>A batch operation (<see cref="MessagingTags.Poll"/>, <see cref="MessagingTags.Commit"/>) that concerns several traces: linked to at most <see cref="LinksMax"/> of them; null if there are none.</summary>
    /// <param name="startedAt">The default for now.</param>
    public static Activity? StartBatch(ActivitySource source, string operation, string topic, IReadOnlyList<ActivityContext> linked, DateTimeOffset startedAt = default)
    {
        if (linked.Count == 0 || !source.HasListeners())
            return null;
        var links = new ActivityLink[Math.Min(linked.Count, LinksMax)];
        for (var i = 0; i < links.Length; i++)
            links[i] = new(linked[i]);
        var span = source.StartActivity(ActivityKind.Client, parentContext: new(links[0].Context.TraceId, links[0].Context.SpanId, ActivityTraceFlags.Recorded, isRemote: true), links: links, startTime: startedAt, name: $"{operation} {topic}");
        Tag(span, operation, operation == MessagingTags.Poll ? "receive" : "settle", topic);
        span?.SetTag(MessagingTags.BatchCount, linked.Count);
        return span;
    }

    public static void Fail(Activity? span, string errorType, string description)
    {
        span?.SetTag(MessagingTags.ErrorType, errorType);
        span?.SetStatus(ActivityStatusCode.Error, description);
    }

    private static Activity? Start(ActivitySource source, string topic, string group, int partition, long offset, in ActivityContext parent)
    {
        if (!source.HasListeners())
            return null;
        var span = source.StartActivity($"process {topic}", ActivityKind.Consumer, parent);
        if (span is null)
            return null;
        Tag(span, MessagingTags.Process, "process", topic);
        span.SetTag(MessagingTags.ConsumerGroup, group);
        span.SetTag(MessagingTags.DestinationPartition, partition.ToString(System.Globalization.CultureInfo.InvariantCulture));
        span.SetTag(MessagingTags.Offset, offset);
        return span;
    }

    private static Activity? Tag(Activity? span, string operation, string type, string topic)
    {
        span?.SetTag(MessagingTags.System, MessagingTags.Kafka);
        span?.SetTag(MessagingTags.OperationName, operation);
        span?.SetTag(MessagingTags.OperationType, type);
        span?.SetTag(MessagingTags.DestinationName, topic);
        return span;
    }
}
