using System.Diagnostics;
using CohortPipeline.Log;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Lanes;

/// <summary>
/// Spans and durations of what a lane itself does: polls that brought sampled records, and commits of what came of them, each
/// linked to these records' traces. Where nobody listens there is no span, and no record is looked at.
/// </summary>
internal sealed class LaneTelemetry(LaneOptions options, TimeProvider time)
{
    private static readonly ActivitySource Source = new("CohortPipeline.Lanes");

    private readonly List<ActivityContext> _polled = [];
    private readonly List<ActivityContext> _uncommitted = [];

    public Operation Begin() => new(time.GetTimestamp(), Source.HasListeners() ? time.GetUtcNow() : default, Span: null);

    public void Polled(RecordBatch batch, in Operation poll)
    {
        if (batch.Records.Length == 0)
            return;
        var topic = batch.Records[0].Topic;
        MessagingMetrics.Operation(MessagingTags.Poll, topic, time.GetElapsedTime(poll.Started));
        if (!Source.HasListeners())
            return;
        _polled.Clear();
        for (var index = 0; index < batch.Records.Length && _polled.Count < MessagingSpans.LinksMax; index++)
        {
            if (TraceContext.TryRead(batch, index, out var context))
                _polled.Add(context);
        }

        if (_polled.Count == 0)
            return;
        MessagingSpans.StartBatch(Source, MessagingTags.Poll, topic, _polled, poll.StartedAt)?.Dispose();
        _uncommitted.AddRange(_polled.Take(MessagingSpans.LinksMax - _uncommitted.Count));
    }

    public void Processed(RecordBatch batch, in Operation process)
    {
        if (batch.Records.Length > 0)
            MessagingMetrics.Processed(batch.Records[0].Topic, options.Group, time.GetElapsedTime(process.Started));
    }

    public Operation BeginCommit() => Begin() with { Span = MessagingSpans.StartBatch(Source, MessagingTags.Commit, options.Topics[0], _uncommitted) };

    /// <param name="problem">Null where everything was committed.</param>
    public void EndCommit(in Operation commit, string? problem)
    {
        MessagingMetrics.Operation(MessagingTags.Commit, options.Topics[0], time.GetElapsedTime(commit.Started), problem);
        if (problem is not null)
            MessagingSpans.Fail(commit.Span, problem, $"the transaction ended as {problem}");
        commit.Span?.Dispose();
    }

    /// <summary>The transaction has ended, whichever way.</summary>
    public void Forget() => _uncommitted.Clear();

    /// <param name="StartedAt">For a span that is made afterwards; the default where nobody listens.</param>
    public readonly record struct Operation(long Started, DateTimeOffset StartedAt, Activity? Span);
}
