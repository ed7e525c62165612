using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Ingest;

/// <summary>
/// What ingest does in a lane: producers' records to <c>activity</c> or to dead letters, and watermarks. It keeps no state but
/// how far its partitions are read.
/// </summary>
public sealed class IngestProcessor : ILaneProcessor, IDisposable
{
    /// <summary>A record stamped further ahead of the wall clock than this is counted; any that is ahead is taken as now.</summary>
    private const long ToleratedAheadMilliseconds = 1_000;

    private readonly TimeProvider _time;
    private readonly Normalizer _normalizer;
    private readonly DeadLetterOutput _deadLetters;
    private readonly WatermarkOutput _watermarkOutput;
    private readonly SourceWatermarks _watermarks = new();
    private readonly SourceEnds _ends;
    private readonly IngestTracing _tracing;
    private readonly ProblemLog _problems;
    private readonly string _activityName;
    private readonly Dictionary<string, SourceTopic> _topics = [];
    private LaneTopic? _activity;

    public IngestProcessor(IngestOptions options, PipelineTopics topics, string service, string group, ILogAdmin admin, TimeProvider time, ILogger logger)
    {
        _time = time;
        _normalizer = new(options.RecordBytesMax);
        _deadLetters = new(topics, service, time);
        _watermarkOutput = new(topics);
        _ends = new(admin, options.WatermarkInterval, time, logger);
        _tracing = new(group);
        _problems = new(logger);
        _activityName = topics.Activity.Name;
    }

    /// <inheritdoc/>
    public void Begin(LaneOutput output) => _activity = output.Topic(_activityName);

    /// <inheritdoc/>
    public IStateRestore? Restore(TopicPartition partition) => null;

    /// <inheritdoc/>
    public void Assigned(in CommittedPosition committed, IStateRestore? restored) =>
        _watermarks.Add(committed.TopicPartition, committed.Exists ? committed.Offset : null);

    /// <inheritdoc/>
    public void Removed(TopicPartition partition) => _watermarks.Remove(partition);

    /// <inheritdoc/>
    public int Process(RecordBatch batch, int first, LaneOutput output)
    {
        var wallClock = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var records = batch.Records;
        SourceTopic? topic = null;
        var next = first;
        while (next < records.Length)
        {
            ref readonly var record = ref records[next];
            if (topic is null || topic.Name != record.Topic)
                topic = TopicOf(record.Topic);
            ProcessOne(batch, next, record, topic, wallClock, output);
            _watermarks.Read(record.Topic, record.Partition, record.Offset);
            next++;
            if (output.IsFull)
                break;
        }

        if (next == records.Length)
            ReachEnds(batch);
        if (next > first)
            Measure();
        return next;
    }

    /// <inheritdoc/>
    public bool Tick(LaneOutput output)
    {
        if (_ends.Turn(_watermarks))
            Report();
        foreach (var watermark in _watermarks.Take())
            _watermarkOutput.Append(output, watermark);
        return false;
    }

    /// <inheritdoc/>
    public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output)
    {
        // Ingest writes nothing once a commit: its positions are the group's.
    }

    /// <inheritdoc/>
    public void Promote() => _watermarks.Promote();

    /// <inheritdoc/>
    public void Drop() => _watermarks.Drop();

    public void Dispose() => _normalizer.Dispose();

    private void ReachEnds(RecordBatch batch)
    {
        foreach (ref readonly var signal in batch.Signals)
        {
            if (signal.Kind == PartitionSignalKind.EndOfPartition)
                _watermarks.ReachedEnd(new(signal.Topic, signal.Partition), signal.Offset);
        }
    }

    private void ProcessOne(RecordBatch batch, int index, in LogRecord record, SourceTopic topic, long wallClock, LaneOutput output)
    {
        var timestamp = batch.TimestampOf(index);
        if (timestamp > wallClock + ToleratedAheadMilliseconds)
        {
            topic.Ahead++;
            _problems.ClockAhead(record, timestamp - wallClock);
        }

        var source = new SourceRecord
        {
            Topic = topic.Utf8Name,
            Partition = record.Partition,
            Offset = record.Offset,
            Timestamp = timestamp,
            Value = record.Value,
            Headers = new(batch, index),
        };
        using var trace = _tracing.Begin(batch, index);
        var normalized = _normalizer.Normalize(source, wallClock);
        topic.Read++;
        for (var i = 0; i < normalized.Count; i++)
        {
            var item = normalized[i];
            if (item.IsDeadLetter)
            {
                GiveUp(batch, index, topic, item, normalized.Value(i), output);
                continue;
            }

            var key = normalized.Key(i);
            output.Append(_activity!, _activity!.PartitionOf(key), key, normalized.Value(i), trace.Headers(_activityName));
            topic.Written++;
        }
    }

    private void GiveUp(RecordBatch batch, int index, SourceTopic topic, in NormalizedRecord item, ReadOnlySpan<byte> entry, LaneOutput output)
    {
        if (item.IsEntry)
            _deadLetters.AppendEntry(output, batch, index, entry, item.Entry, item.Reason, item.Detail);
        else
            _deadLetters.Append(output, batch, index, item.Reason, item.Detail);
        IngestMetrics.DeadLetter(topic.Name, item.Reason);
        _problems.DeadLetter(batch.Records[index], item);
    }

    private void Measure()
    {
        foreach (var topic in _topics.Values)
        {
            if (topic.Read == 0)
                continue;
            IngestMetrics.Batch(topic.Name, topic.Read, topic.Written, topic.Ahead);
            topic.Clear();
        }
    }

    /// <summary>Once an interval: how far behind the sources are, and what went wrong since.</summary>
    private void Report()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (partition, records, covered) in _watermarks.Behind())
            IngestMetrics.Progress(partition, records, covered is { } instant ? TimeSpan.FromMilliseconds(now - instant) : null);
        _problems.Write();
    }

    private SourceTopic TopicOf(string name)
    {
        if (!_topics.TryGetValue(name, out var topic))
            _topics.Add(name, topic = new(name));
        return topic;
    }

    /// <summary>A source topic, and what the batch in hand had of it.</summary>
    private sealed class SourceTopic(string name)
    {
        public string Name { get; } = name;

        public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

        public long Read { get; set; }

        public long Written { get; set; }

        public long Ahead { get; set; }

        public void Clear() => Read = Written = Ahead = 0;
    }
}
