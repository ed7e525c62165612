using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Evaluator;

/// <summary>Takes a delta as it would lie in <c>membership-deltas</c>, borrowed.</summary>
public delegate void DeltaHandler(ReadOnlySpan<byte> value);

/// <summary>
/// One partition of <c>activity</c> under clock <c>record</c>, in memory alone: the evaluator's own code without a log, a
/// lane or a wall clock. The same records give the same deltas, always. One thread uses it.
/// </summary>
public sealed class PartitionRun
{
    private const int RecordsBetweenPromotions = 1_000;

    private static readonly TopicPartition Activity = new(new PipelineTopics("", 1, activityRetention: null).Activity.Name, 0);

    private readonly ActivityReader _reader = new();
    private readonly PartitionEvaluator _evaluator;
    private long _offset;

    /// <param name="onDelta">Takes the deltas.</param>
    /// <param name="rememberedEventsMax"><see cref="EvaluatorOptions.RememberedEventsMax"/>.</param>
    public PartitionRun(DeltaHandler onDelta, int rememberedEventsMax = Stepper.RememberedEventsDefault)
    {
        var topics = new PipelineTopics("", 1, activityRetention: null);
        var output = new LaneOutput(long.MaxValue);
        output.Use(new DeltaSink(topics.MembershipDeltas.Name, onDelta));
        var nothing = new ChangelogRestore(topics, Activity.Partition, TimeProvider.System, Timeout.InfiniteTimeSpan);
        _evaluator = new(Activity, new(ClockKind.Record, TimeSpan.Zero, []), new(rememberedEventsMax), output, new(topics, output), nothing, NullLogger.Instance);
    }

    /// <summary>Applies one change set of new definitions, version 1 each.</summary>
    /// <exception cref="InvalidOperationException">They ask for membership of each other in a circle, or of cohorts that are not there.</exception>
    public void Define(IReadOnlyList<CohortDefinition> definitions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        for (var i = 0; i < definitions.Count; i++)
        {
            buffer.ResetWrittenCount();
            ActivityWriter.Write(buffer, json, new()
            {
                Type = ActivityType.Definition,
                Change = Encoding.UTF8.GetBytes(_offset.ToString(CultureInfo.InvariantCulture)),
                Part = i + 1,
                Parts = definitions.Count,
                CohortId = Encoding.UTF8.GetBytes(definitions[i].Id),
                Version = 1,
                Definition = DefinitionWriter.ToJson(definitions[i]),
            });
            if (!_reader.TryRead(buffer.WrittenSpan, out var record, out var error) || (error = _evaluator.Define(record, buffer.WrittenSpan, i)).Length > 0)
                throw new InvalidOperationException(error);
        }

        _offset += definitions.Count;
        while (_evaluator.Sweep(int.MaxValue) > 0)
        {
        }
    }

    /// <summary>Applies a record of <c>activity</c>: first every timer that it makes due, in the order of their deadlines, then the record.</summary>
    /// <returns>What is wrong with it; empty for a record that was applied.</returns>
    public string Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_reader.TryRead(value, out var record, out var error))
            return error;
        if (record.Type is not (ActivityType.Event or ActivityType.Identify))
            return $"records of type {record.Type} are not handled by this version";
        _evaluator.Clock.SeeRecord(record.Timestamp);
        FireDue();
        _evaluator.Apply(record, key, State.ProfileStore.HashOf(key), _offset++, trace: default);
        if (_offset % RecordsBetweenPromotions == 0)
            _evaluator.Promote();
        return "";
    }

    /// <summary>Brings time to an instant, everything due at it included. An instant before that of a record changes nothing.</summary>
    public void AdvanceTo(long until)
    {
        _evaluator.SeeWatermark(new() { Type = ActivityType.Watermark, Until = until });
        FireDue();
    }

    /// <summary>Why the profile of a key is in a cohort at an instant, or is not; null for a cohort that is not defined.</summary>
    public Explanation? Explain(ReadOnlySpan<byte> key, string cohortId, long instant) =>
        Explainer.Explain(_evaluator.Plan, key, _evaluator.Store.Read(_evaluator.Store.FindOrAdd(key)), cohortId, instant);

    private void FireDue()
    {
        while (_evaluator.FireDue(int.MaxValue) > 0)
        {
        }
    }

    /// <summary>What a lane would write to: hands deltas on, and has no use for rows.</summary>
    private sealed class DeltaSink(string deltas, DeltaHandler onDelta) : ILogWriter
    {
        public string TransactionalId => "";

        public bool InTransaction => true;

        public OutputTopic Topic(string name) => new Output(name);

        public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
        {
            if (topic.Name == deltas)
                onDelta(value.Span);
        }

        public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions) => throw new UnreachableException("nothing is committed in memory");

        public CommitOutcome Abort() => throw new UnreachableException("nothing is aborted in memory");

        public void Dispose()
        {
        }

        private sealed class Output(string name) : OutputTopic(name, partitionCount: 1);
    }
}
