using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.Tests.Unit.Telemetry;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

/// <summary>Which of the evaluator's outputs carry a trace: deltas and rows that a sampled record led to, and nothing else.</summary>
[Collection(ListeningTests.Name)]
public sealed class EvaluatorTracingTests
{
    private const string SampledTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string LaterTrace = "1111651916cd43dd8448eb211c80319c";
    private const long Start = 1_772_323_200_000;
    private const string Buyers = """{"id":"buyers","export_properties":["plan"],"where":{"did":{"event":"bought","within":"1m"}}}""";

    private readonly EvaluatedActivity _evaluated = new();

    /// <summary>Only spans of these traces are kept: other tests run the evaluator at the same time.</summary>
    private readonly Dictionary<ActivitySpanId, Activity> _spans = [];

    [Fact]
    public async Task Deltas_and_rows_carry_the_trace_of_the_record_that_led_to_them()
    {
        using var listener = Listen();
        var records = new ActivityScript().Define(("buyers", 1, Buyers))
            .Event("u:ada", "bought", Start)
            .Identify("u:ada", """{"$set":{"plan":"pro"}}""", Start + 1_000)
            .Records;
        _evaluated.Run(records, (1, $"00-{SampledTrace}-b7ad6b7169203331-01"), (2, $"00-{LaterTrace}-b7ad6b7169203331-01"));

        var delta = Assert.Single(await _evaluated.DumpAsync(_evaluated.Topics.MembershipDeltas));
        var rows = await _evaluated.DumpAsync(_evaluated.Topics.Memberships);
        Assert.Equal(2, rows.Count);
        ExpectSentIn(delta, SampledTrace, "b7ad6b7169203331");
        ExpectSentIn(rows[0], SampledTrace, "b7ad6b7169203331");
        ExpectSentIn(rows[1], LaterTrace, "b7ad6b7169203331");
    }

    [Fact]
    public async Task What_time_or_a_record_that_is_not_sampled_leads_to_carries_none()
    {
        using var listener = Listen();
        var records = new ActivityScript().Define(("buyers", 1, Buyers))
            .Event("u:ada", "bought", Start)
            .Event("u:bob", "bought", Start)
            .Event("u:eve", "bought", Start)
            .Until(Start + 3_600_000)
            .Records;
        _evaluated.Run(records, (1, $"00-{SampledTrace}-b7ad6b7169203331-01"), (2, $"00-{LaterTrace}-b7ad6b7169203331-00"));

        foreach (var topic in (TopicSpec[])[_evaluated.Topics.MembershipDeltas, _evaluated.Topics.Memberships])
        {
            var written = await _evaluated.DumpAsync(topic);
            Assert.Equal(6, written.Count);
            ExpectSentIn(Assert.Single(written, record => record.Headers.Count > 0), SampledTrace, "b7ad6b7169203331");
        }
    }

    [Fact]
    public async Task Nothing_carries_a_trace_where_nobody_listens()
    {
        _evaluated.Run(new ActivityScript().Define(("buyers", 1, Buyers)).Event("u:ada", "bought", Start).Records, (1, "00-2222651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Assert.Empty(Assert.Single(await _evaluated.DumpAsync(_evaluated.Topics.MembershipDeltas)).Headers);
        Assert.Empty(Assert.Single(await _evaluated.DumpAsync(_evaluated.Topics.Memberships)).Headers);
    }

    /// <summary>Producer's span → process → send, whose context is the record's.</summary>
    private void ExpectSentIn(DumpedRecord record, string traceId, string producerSpan)
    {
        var parts = record.Header("traceparent")!.Split('-');
        Assert.Equal((traceId, "01"), (parts[1], parts[3]));
        var send = _spans[ActivitySpanId.CreateFromString(parts[2])];
        Assert.Equal(($"send {record.Topic}", ActivityKind.Producer), (send.OperationName, send.Kind));
        var process = _spans[send.ParentSpanId];
        Assert.Equal(($"process {_evaluated.Topics.Activity.Name}", producerSpan), (process.OperationName, process.ParentSpanId.ToHexString()));
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "CohortPipeline.Evaluator",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => IsOurs(options.TraceId) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span => _spans[span.SpanId] = span,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static bool IsOurs(ActivityTraceId id) => id.ToHexString() is SampledTrace or LaterTrace;
}
