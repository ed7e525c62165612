using System.Diagnostics;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

/// <summary>
/// What every implementation of the log contract must do. An implementation inherits this class and says how to open
/// its log; names of topics, groups and transactional ids are unique, so that one server can serve a whole run.
/// </summary>
public abstract partial class LogComplianceTests : IAsyncLifetime
{
    /// <summary>How long a test waits for something that must come. Only a failing test waits so long.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    private readonly List<IDisposable> _opened = [];
    private ILog? _log;
    private int _names;

    protected ILog Log => _log ?? throw new InvalidOperationException("the log is not open");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the log; called again after it was disposed of, it finds what was committed.</summary>
    protected abstract Task<ILog> OpenAsync();

    /// <summary>
    /// Lets more time pass than a group's members may be silent. <paramref name="keepPolling"/> polls the members that are
    /// to stay alive once; call it often enough.
    /// </summary>
    protected abstract Task PassPollIntervalAsync(Action keepPolling);

    /// <summary>True if records come into the log while their transaction is open, and its end says so.</summary>
    protected virtual bool TakesInBeforeTheCommit => false;

    public virtual async ValueTask InitializeAsync() => _log = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private async Task CloseAsync()
    {
        for (var index = _opened.Count - 1; index >= 0; index--)
            _opened[index].Dispose();
        _opened.Clear();
        if (_log is not null)
            await _log.DisposeAsync();
        _log = null;
    }

    private async Task ReopenAsync()
    {
        await CloseAsync();
        _log = await OpenAsync();
    }

    private protected string NewName(string what) => $"{what}-{Guid.NewGuid():N}-{++_names}";

    private protected async Task<string> NewTopicAsync(int partitions = 1, TopicCleanup cleanup = TopicCleanup.Delete)
    {
        var name = NewName("topic");
        await Log.Admin.CreateAsync(new(name, partitions, cleanup), Cancellation);
        return name;
    }

    private protected ILogWriter NewWriter(string? transactionalId = null)
    {
        var writer = Log.OpenWriter(transactionalId ?? NewName("writer"));
        _opened.Add(writer);
        return writer;
    }

    private protected ILogReader NewReader(string? group = null)
    {
        var reader = Log.OpenReader(new(group ?? NewName("group")));
        _opened.Add(reader);
        return reader;
    }

    /// <summary>A reader at the beginning of these partitions.</summary>
    private protected ILogReader NewReaderAt(string topic, params int[] partitions)
    {
        var reader = NewReader();
        reader.Assign([.. partitions.Select(partition => new PartitionPosition(topic, partition, 0))]);
        return reader;
    }

    private protected (ILogReader Reader, RecordingHandler Handler) NewMember(string group, params string[] topics)
    {
        var reader = NewReader(group);
        var handler = new RecordingHandler(reader);
        reader.Subscribe(topics, handler);
        return (reader, handler);
    }

    /// <summary>Commits values to one partition, without keys.</summary>
    private protected void Publish(string topic, int partition, params string[] values)
    {
        using var writer = Log.OpenWriter(NewName("publisher"));
        Append(writer, topic, partition, values);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private protected static void Append(ILogWriter writer, string topic, int partition, params string[] values)
    {
        var output = writer.Topic(topic);
        foreach (var value in values)
            writer.Append(output, partition, Bytes.Null, Utf8(value));
    }

    /// <summary>Appends a record and lets it come into the log before its transaction ends. It has a header: no writer keeps such a one back.</summary>
    private void AppendAhead(ILogWriter writer, TopicPartition partition, string key, string value)
    {
        using var reader = Log.OpenReader(new(NewName("group")));
        var end = SettledEnd(reader, partition);
        writer.Append(writer.Topic(partition.Topic), partition.Partition, Utf8(key), Utf8(value), new RecordHeaders().Add("h", "x"));
        if (TakesInBeforeTheCommit)
            Until("the record in the log", () => reader.EndOffset(partition, Isolation.Uncommitted) > end);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private protected static void Until(string what, Func<bool> isReached)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isReached())
        {
            Cancellation.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"waited {Patience} in vain: {what}");
        }
    }

    /// <summary>Polls until that many records have come, and no more.</summary>
    private static List<SeenRecord> Read(ILogReader reader, int count, int recordsMax = 1000)
    {
        var seen = new List<SeenRecord>();
        Until($"{count} records", () =>
        {
            if (seen.Count < count)
                seen.AddRange(PollOnce(reader, recordsMax).Records);
            return seen.Count >= count;
        });
        Assert.Equal(count, seen.Count);
        return seen;
    }

    private static List<string?> ReadValues(ILogReader reader, int count, int recordsMax = 1000) =>
        [.. Read(reader, count, recordsMax).Select(record => record.Value)];

    /// <summary>
    /// Polls until every one of the partitions has signalled its end; answers all that came. A transaction's last markers may
    /// be written after its commit was answered, so an end counts when nothing is undecided before it.
    /// </summary>
    private protected static (List<SeenRecord> Records, Dictionary<int, long> Ends) ReadToEnd(ILogReader reader, params int[] partitions) =>
        ReadToEnd(reader, signal => signal.Offset >= reader.EndOffset(new(signal.Topic, signal.Partition), Isolation.Uncommitted), partitions);

    /// <summary>The same up to where an open transaction begins.</summary>
    private static (List<SeenRecord> Records, Dictionary<int, long> Ends) ReadToPending(ILogReader reader, params int[] partitions) =>
        ReadToEnd(reader, _ => true, partitions);

    private protected static (List<SeenRecord> Records, Dictionary<int, long> Ends) ReadToEnd(ILogReader reader, Func<PartitionSignal, bool> counts, int[] partitions)
    {
        var seen = new List<SeenRecord>();
        var ends = new Dictionary<int, long>();
        Until("the ends of the partitions", () =>
        {
            var polled = PollOnce(reader, 1000);
            seen.AddRange(polled.Records);
            foreach (var record in polled.Records)
                ends.Remove(record.Partition);
            foreach (var signal in polled.Signals.Where(signal => signal.Kind == PartitionSignalKind.EndOfPartition && counts(signal)))
                ends[signal.Partition] = signal.Offset;
            return partitions.All(ends.ContainsKey);
        });
        return (seen, ends);
    }

    /// <summary>The partition's end once nothing is undecided before it.</summary>
    private static long SettledEnd(ILogReader reader, TopicPartition partition)
    {
        var end = -1L;
        Until("the end of all transactions", () =>
        {
            end = reader.EndOffset(partition, Isolation.Committed);
            return end == reader.EndOffset(partition, Isolation.Uncommitted);
        });
        return end;
    }

    private protected static Polled PollOnce(ILogReader reader, int recordsMax = 1000, TimeSpan? timeout = null)
    {
        var batch = reader.Poll(recordsMax, timeout ?? PollTime);
        Assert.True(batch.Records.Length <= recordsMax, $"asked for {recordsMax} records, got {batch.Records.Length}");
        return Polled.CopyOf(batch);
    }
}
