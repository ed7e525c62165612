using System.Diagnostics;
using CohortPipeline.Log;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Ingest;

/// <summary>
/// Traces through ingest: a producer's context is kept if it is sampled, a record without one may begin a trace here, and
/// nowhere behind. What is not sampled costs nothing and carries nothing on.
/// </summary>
internal sealed class IngestTracing(string group)
{
    private static readonly ActivitySource Source = new("CohortPipeline.Ingest");

    public RecordTrace Begin(RecordBatch batch, int index)
    {
        if (TraceContext.TryRead(batch, index, out var parent))
            return new(Source, Start(batch, index, parent), parent);
        return Source.HasListeners() && !TraceContext.IsPresent(batch, index)
            ? new(Source, Start(batch, index, default), default)
            : default;
    }

    private Activity? Start(RecordBatch batch, int index, in ActivityContext parent)
    {
        ref readonly var record = ref batch.Records[index];
        return parent == default
            ? MessagingSpans.StartTrace(Source, record.Topic, group, record.Partition, record.Offset)
            : MessagingSpans.StartProcess(Source, record.Topic, group, record.Partition, record.Offset, parent);
    }
}

/// <summary>The trace of one record while it is processed; the default is none.</summary>
internal readonly struct RecordTrace(ActivitySource source, Activity? process, ActivityContext parent) : IDisposable
{
    private readonly ActivitySource? _source = source;

    /// <summary>Headers for a record written to <paramref name="topic"/>, with a span for the writing; null where nothing is traced. With telemetry off here, the producer's context is handed on as it is.</summary>
    public RecordHeaders? Headers(string topic)
    {
        var context = process is { Recorded: true } ? process.Context : parent;
        if (_source is null || context == default)
            return null;
        using var send = MessagingSpans.StartSend(_source, topic, context);
        return TraceContext.Add(new(), send is { Recorded: true } ? send.Context : context);
    }

    public void Dispose() => process?.Dispose();
}
