using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

/// <summary>A partition of <c>activity</c> on a simulated Kafka, taken by one lane of the evaluator from its first record to its last, and what came of it.</summary>
internal sealed class EvaluatedActivity
{
    private const int TurnsMax = 1_000;

    private readonly Broker _broker = new(new Fates());
    private readonly PipelineOptions _pipeline = new() { Log = LogKind.Embedded, Partitions = 1, Clock = ClockKind.Record, EventTopics = ["events"], IdentifyTopics = [] };

    public PipelineTopics Topics => _pipeline.Topics();

    /// <param name="records">All of the partition.</param>
    /// <param name="traces">Of some of them.</param>
    public void Run(IReadOnlyList<OracleRecord> records, params (long Offset, string TraceParent)[] traces)
    {
        foreach (var topic in Topics.All)
            _broker.Create(topic);
        foreach (var record in records)
        {
            (string, byte[]?)[] headers = [.. traces.Where(trace => trace.Offset == record.Offset).Select(trace => ("traceparent", (byte[]?)Encoding.UTF8.GetBytes(trace.TraceParent)))];
            _broker.Put(Topics.Activity.Name, 0, record.Offset, record.Key.Length == 0 ? null : Encoding.UTF8.GetBytes(record.Key), record.Value, headers);
        }

        var group = EvaluatorProcessor.GroupOf(Topics);
        var log = _broker.Connect("evaluator");
        var restores = new SimulatedRestores(new(0), log.Clock);
        var life = new LaneLife(Number: 0, "first", new(0), log.Wait, restores);
        var options = new LaneOptions { Group = group, Topics = [Topics.Activity.Name], TransactionalId = "evaluator.0" };
        using var lane = new Lane(log, options, life, _ => new EvaluatorProcessor(_pipeline, new(), log.Clock, NullLogger.Instance), log.Clock, NullLogger.Instance, CancellationToken.None);
        lane.Begin();
        for (var turn = 0; _broker.Committed(group, new(Topics.Activity.Name, 0)).Offset < records.Count; turn++)
        {
            Assert.True(turn < TurnsMax, $"not committed after {TurnsMax} turns");
            if (restores.IsReady)
                restores.Step();
            lane.Turn();
        }

        lane.Leave();
    }

    /// <summary>What was committed to a topic's only partition.</summary>
    public async Task<IReadOnlyList<DumpedRecord>> DumpAsync(TopicSpec topic) => (await LogDump.TopicAsync(_broker.Connect("the test"), topic.Name, TestContext.Current.CancellationToken))[0];
}
