using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>A delta as the screen shows it.</summary>
internal sealed record SeenDelta(string At, string Cohort, string Who, bool IsEnter, string Reason);

/// <summary>
/// Follows deltas and dead letters on a thread of its own: writes each to its file as it comes, a line a record, and keeps
/// the newest few for the screen.
/// </summary>
internal sealed class DemoRecorder : IAsyncDisposable
{
    private const int RecentMax = 8;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);
    private static readonly JsonWriterOptions LineOptions = JsonText.WriterOptions;

    private readonly TopicFollower _follower;
    private readonly PipelineTopics _topics;
    private readonly FileStream _deltas = new(DemoFolder.Deltas, FileMode.Create, FileAccess.Write, FileShare.Read);
    private readonly FileStream _deadLetters = new(DemoFolder.DeadLetters, FileMode.Create, FileAccess.Write, FileShare.Read);
    private readonly DeltaReader _reader = new();
    private readonly Lock _lock = new();
    private readonly Queue<SeenDelta> _recent = new();
    private readonly SortedDictionary<string, int> _reasons = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;

    private DemoRecorder(TopicFollower follower, PipelineTopics topics)
    {
        _follower = follower;
        _topics = topics;
        _following = Task.Factory.StartNew(Follow, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static async Task<DemoRecorder> StartAsync(ILog log, PipelineTopics topics, CancellationToken cancellation) =>
        new(await TopicFollower.OpenAsync(log, topics.Named("demo-recorder"), [topics.MembershipDeltas.Name, topics.DeadLetters.Name], cancellation), topics);

    public long Deltas { get; private set; }

    public long DeadLetters { get; private set; }

    public IReadOnlyList<SeenDelta> Recent
    {
        get
        {
            lock (_lock)
                return [.. _recent];
        }
    }

    /// <summary>Dead letters by reason.</summary>
    public IReadOnlyDictionary<string, int> Reasons
    {
        get
        {
            lock (_lock)
                return new Dictionary<string, int>(_reasons);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _follower.Dispose();
        await _deltas.DisposeAsync();
        await _deadLetters.DisposeAsync();
        _stop.Dispose();
    }

    private void Follow()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_follower.Poll(Record, PollWait) == 0)
                continue;
            _deltas.Flush();
            _deadLetters.Flush();
        }
    }

    private void Record(RecordBatch batch)
    {
        lock (_lock)
        {
            for (var index = 0; index < batch.Records.Length; index++)
            {
                if (batch.Records[index].Topic == _topics.MembershipDeltas.Name)
                    RecordDelta(batch.Records[index]);
                else
                    RecordDeadLetter(batch, index);
            }
        }
    }

    private void RecordDelta(in LogRecord record)
    {
        Deltas++;
        _deltas.Write(record.Value);
        _deltas.WriteByte((byte)'\n');
        if (!_reader.TryRead(record.Value, out var delta, out _))
            return;
        var who = delta.UserId.IsEmpty ? delta.DeviceId : delta.UserId;
        _recent.Enqueue(new(
            Instant.ToRfc3339(delta.At)[11..^1],
            Encoding.UTF8.GetString(delta.CohortId),
            Encoding.UTF8.GetString(who),
            delta.Change == MembershipChange.Enter,
            Encoding.UTF8.GetString(DeltaReasons.Name(delta.Reason))));
        if (_recent.Count > RecentMax)
            _recent.Dequeue();
    }

    private void RecordDeadLetter(RecordBatch batch, int index)
    {
        DeadLetters++;
        var reason = "unknown";
        using (var writer = new Utf8JsonWriter(_deadLetters, LineOptions))
        {
            writer.WriteStartObject();
            for (var header = 0; header < batch.HeaderCountOf(index); header++)
            {
                var (name, value) = (Encoding.UTF8.GetString(batch.HeaderOf(index, header).Name), Encoding.UTF8.GetString(batch.HeaderOf(index, header).Value));
                writer.WriteString(name, value);
                if (name == "dlq.reason")
                    reason = value;
            }

            writer.WriteString("key"u8, Encoding.UTF8.GetString(batch.Records[index].Key));
            writer.WriteString("value"u8, Encoding.UTF8.GetString(batch.Records[index].Value));
            writer.WriteEndObject();
        }

        _deadLetters.WriteByte((byte)'\n');
        _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
    }
}
