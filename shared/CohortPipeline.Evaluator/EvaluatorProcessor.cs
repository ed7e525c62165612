using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.State;
using CohortPipeline.Telemetry;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Evaluator;

/// <summary>What the evaluator does in a lane: each of its partitions of <c>activity</c> to deltas, rows and changelog.</summary>
public sealed class EvaluatorProcessor(PipelineOptions pipeline, EvaluatorOptions options, TimeProvider time, ILogger logger) : ILaneProcessor
{
    private const string Service = "membership-evaluator";

    private readonly PipelineTopics _topics = pipeline.Topics();
    private readonly string _group = GroupOf(pipeline.Topics());
    private readonly PartitionTable _partitions = new();
    private readonly ProfileLookahead _lookahead = new();
    private readonly Dictionary<int, SourceWatch> _sourceWatches = [];
    private readonly LaneScratch _scratch = new(options.RememberedEventsMax);
    private readonly ActivityReader _activity = new();
    private readonly DeadLetterOutput _deadLetters = new(pipeline.Topics(), Service, time);
    private LaneOutput? _output;
    private MembershipOutput? _memberships;
    private ChangelogWriter? _changelog;

    /// <summary>The consumer group of a pipeline's evaluators.</summary>
    public static string GroupOf(PipelineTopics topics) => new PipelineGroups(topics).Evaluator;

    /// <inheritdoc/>
    public void Begin(LaneOutput output)
    {
        _output = output;
        _memberships = new(_topics, output);
        _changelog = new(_topics, output);
    }

    /// <inheritdoc/>
    public IStateRestore Restore(TopicPartition partition) => new ChangelogRestore(_topics, partition.Partition, time, options.RestoreTimeout);

    /// <inheritdoc/>
    public void Assigned(in CommittedPosition committed, IStateRestore? restored)
    {
        var state = (ChangelogRestore)restored!;
        var clock = new PartitionClock(pipeline.Clock, options.Grace, [.. pipeline.SourceTopics]);
        var partition = new PartitionEvaluator(committed.TopicPartition, clock, _scratch, _output!, _memberships!, state, logger);
        _partitions.Add(committed.Partition, partition);
        _sourceWatches[committed.Partition] = new(time.GetUtcNow().ToUnixTimeMilliseconds());
        var (offset, sequence) = state.Position;
        if (!committed.Exists && state.Partition is not null)
            LogEvents.NoPosition(logger, committed.TopicPartition, offset);
        EvaluatorMetrics.ProfilesRestored.Add(partition.Store.ProfileCount);
        LogEvents.Restored(logger, committed.TopicPartition, partition.Store.ProfileCount, partition.Plan.Cohorts.Length, sequence, offset);
    }

    /// <inheritdoc/>
    public void Removed(TopicPartition partition)
    {
        _partitions.Remove(partition.Partition);
        _sourceWatches.Remove(partition.Partition);
        _lookahead.Clear();
    }

    /// <inheritdoc/>
    public int Process(RecordBatch batch, int first, LaneOutput output)
    {
        var records = batch.Records;
        var (next, seen) = (first, first);
        _lookahead.Clear();
        while (next < records.Length)
        {
            for (; seen < records.Length && !_lookahead.IsFull; seen++)
                _lookahead.See(_partitions[records[seen].Partition].Store, records[seen].Key);
            Process(batch, next, records[next], _lookahead.Take(), output);
            next++;
            if (output.IsFull)
                break;
        }

        EvaluatorMetrics.Records.Add(next - first);
        return next;
    }

    /// <inheritdoc/>
    public bool Tick(LaneOutput output)
    {
        var isMoreDue = false;
        foreach (var partition in _partitions.All)
        {
            var fired = partition.FireDue(options.TimerSlice);
            var swept = partition.Sweep(options.TimerSlice);
            if (fired + swept > 0)
                output.Touch(partition.Activity);
            isMoreDue |= fired == options.TimerSlice || swept > 0;
        }

        return isMoreDue || output.IsFull;
    }

    /// <inheritdoc/>
    public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output)
    {
        foreach (var commit in commits)
            _partitions[commit.Partition.Partition].Stage(commit, _changelog!);
    }

    /// <inheritdoc/>
    public void Promote()
    {
        foreach (var partition in _partitions.All)
            partition.Promote();
        Report();
    }

    /// <inheritdoc/>
    public void Drop()
    {
        foreach (var partition in _partitions.All)
            partition.Drop();
        _memberships!.Forget();
    }

    /// <param name="keyHash">Of the record's key.</param>
    private void Process(RecordBatch batch, int index, in LogRecord record, int keyHash, LaneOutput output)
    {
        var partition = _partitions[record.Partition];
        if (!_activity.TryRead(record.Value, out var activity, out var error))
        {
            GiveUp(batch, index, record, error, output);
            return;
        }

        switch (activity.Type)
        {
            case ActivityType.Event or ActivityType.Identify when !ProfileKey.IsKey(record.Key):
                GiveUp(batch, index, record, $"found a key of {record.Key.Length} bytes, expected that of a profile: `u:` or `d:` and an id of 1 to {ProfileKey.IdBytesMax} bytes", output);
                break;
            case ActivityType.Event or ActivityType.Identify:
                using (var span = StartSpan(batch, index, record))
                    partition.Apply(activity, record.Key, keyHash, record.Offset, span?.Context ?? default);
                break;
            case ActivityType.Watermark:
                partition.SeeWatermark(activity);
                break;
            case ActivityType.Definition:
                if (partition.Define(activity, record.Value, record.Offset) is { Length: > 0 } refused)
                    GiveUp(batch, index, record, refused, output);
                break;
            default:
                GiveUp(batch, index, record, $"records of type {activity.Type} are not handled by this version", output);
                break;
        }
    }

    /// <summary>Where nobody listens the record's headers are not even looked at.</summary>
    private Activity? StartSpan(RecordBatch batch, int index, in LogRecord record) =>
        EvaluatorMetrics.Source.HasListeners() && TraceContext.TryRead(batch, index, out var parent)
            ? MessagingSpans.StartProcess(EvaluatorMetrics.Source, record.Topic, _group, record.Partition, record.Offset, parent)
            : null;

    private void GiveUp(RecordBatch batch, int index, in LogRecord record, string reason, LaneOutput output)
    {
        LogEvents.BadActivity(logger, new(record.Topic, record.Partition), record.Offset, reason);
        EvaluatorMetrics.DeadLetters.Add(1);
        _deadLetters.Append(output, batch, index, DeadLetterReason.BadActivity, reason);
    }

    private void Report()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (pipeline.Clock == ClockKind.Wall)
            _memberships!.Measure(now);
        else
            _memberships!.Forget();
        foreach (var partition in _partitions.All)
        {
            var tag = new KeyValuePair<string, object?>("partition", partition.Activity.Partition);
            EvaluatorMetrics.Profiles.Record(partition.Store.ProfileCount, tag);
            EvaluatorMetrics.ProfileBytes.Record(partition.Bytes, tag);
            EvaluatorMetrics.TimersPending.Record(partition.TimerCount, tag);
            string[] missing = pipeline.Clock == ClockKind.Wall ? [.. partition.Clock.Missing()] : [];
            EvaluatorMetrics.MissingSources.Record(missing.Length, tag);
            if (_sourceWatches[partition.Activity.Partition].ToTell(missing, now) is { } told)
                LogEvents.SourcesMissing(logger, partition.Activity, told);
            if (partition.Clock.Watermark != PartitionClock.Unknown)
                EvaluatorMetrics.SecondsBehind.Record((now - partition.Clock.Watermark) / 1000.0, tag);
        }
    }
}
