using System.Diagnostics;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Unit.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

/// <summary>Which of the evaluator's outputs carry a trace: deltas and rows that a sampled record led to, and nothing else.</summary>
[Collection(ListeningTests.Name)]
public sealed class EvaluatorTracingTests
{
    private const string SampledTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string LaterTrace = "1111651916cd43dd8448eb211c80319c";
    private const long Start = 1_772_323_200_000;
    private const int TurnsMax = 1_000;
    private const string Buyers = """{"id":"buyers","export_properties":["plan"],"where":{"did":{"event":"bought","within":"1m"}}}""";

    private readonly Broker _broker = new(new Fates());
    private readonly PipelineOptions _pipeline = new() { Log = LogKind.Embedded, Partitions = 1, Clock = ClockKind.Record, EventTopics = ["events"], IdentifyTopics = [] };

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
        Run(records, (1, $"00-{SampledTrace}-b7ad6b7169203331-01"), (2, $"00-{LaterTrace}-b7ad6b7169203331-01"));

        var delta = Assert.Single(await DumpAsync(_pipeline.Topics().MembershipDeltas));
        var rows = await DumpAsync(_pipeline.Topics().Memberships);
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
        Run(records, (1, $"00-{SampledTrace}-b7ad6b7169203331-01"), (2, $"00-{LaterTrace}-b7ad6b7169203331-00"));

        foreach (var topic in (TopicSpec[])[_pipeline.Topics().MembershipDeltas, _pipeline.Topics().Memberships])
        {
            var written = await DumpAsync(topic);
            Assert.Equal(6, written.Count);
            ExpectSentIn(Assert.Single(written, record => record.Headers.Count > 0), SampledTrace, "b7ad6b7169203331");
        }
    }

    [Fact]
    public async Task Nothing_carries_a_trace_where_nobody_listens()
    {
        Run(new ActivityScript().Define(("buyers", 1, Buyers)).Event("u:ada", "bought", Start).Records, (1, "00-2222651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Assert.Empty(Assert.Single(await DumpAsync(_pipeline.Topics().MembershipDeltas)).Headers);
        Assert.Empty(Assert.Single(await DumpAsync(_pipeline.Topics().Memberships)).Headers);
    }

    /// <summary>Producer's span → process → send, whose context is the record's.</summary>
    private void ExpectSentIn(DumpedRecord record, string traceId, string producerSpan)
    {
        var parts = record.Header("traceparent")!.Split('-');
        Assert.Equal((traceId, "01"), (parts[1], parts[3]));
        var send = _spans[ActivitySpanId.CreateFromString(parts[2])];
        Assert.Equal(($"send {record.Topic}", ActivityKind.Producer), (send.OperationName, send.Kind));
        var process = _spans[send.ParentSpanId];
        Assert.Equal(($"process {_pipeline.Topics().Activity.Name}", producerSpan), (process.OperationName, process.ParentSpanId.ToHexString()));
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

    private void Run(IReadOnlyList<OracleRecord> records, params (long Offset, string TraceParent)[] traces)
    {
        var topics = _pipeline.Topics();
        foreach (var topic in topics.All)
            _broker.Create(topic);
        foreach (var record in records)
        {
            (string, byte[]?)[] headers = [.. traces.Where(trace => trace.Offset == record.Offset).Select(trace => ("traceparent", (byte[]?)Encoding.UTF8.GetBytes(trace.TraceParent)))];
            _broker.Put(topics.Activity.Name, 0, record.Offset, record.Key.Length == 0 ? null : Encoding.UTF8.GetBytes(record.Key), record.Value, headers);
        }

        var group = EvaluatorProcessor.GroupOf(topics);
        var log = _broker.Connect("evaluator");
        var restores = new SimulatedRestores(new(0), log.Clock);
        var life = new LaneLife(Number: 0, "first", new(0), log.Wait, restores);
        var options = new LaneOptions { Group = group, Topics = [topics.Activity.Name], TransactionalId = "evaluator.0" };
        using var lane = new Lane(log, options, life, _ => new EvaluatorProcessor(_pipeline, new(), log.Clock, NullLogger.Instance), log.Clock, NullLogger.Instance, CancellationToken.None);
        lane.Begin();
        for (var turn = 0; _broker.Committed(group, new(topics.Activity.Name, 0)).Offset < records.Count; turn++)
        {
            Assert.True(turn < TurnsMax, $"not committed after {TurnsMax} turns");
            if (restores.IsReady)
                restores.Step();
            lane.Turn();
        }

        lane.Leave();
    }

    private async Task<IReadOnlyList<DumpedRecord>> DumpAsync(TopicSpec topic) => (await LogDump.TopicAsync(_broker.Connect("the test"), topic.Name, TestContext.Current.CancellationToken))[0];
}
