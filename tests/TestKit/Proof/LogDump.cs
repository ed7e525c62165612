using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Proof;

/// <summary>A record copied out of a log. A null value is a tombstone.</summary>
public sealed record DumpedRecord(
    string Topic,
    int Partition,
    long Offset,
    byte[]? KeyBytes,
    byte[]? Value,
    long Timestamp,
    IReadOnlyList<(string Name, byte[] Value)> Headers)
{
    /// <summary>The key as text; empty where there is none.</summary>
    public string Key => KeyBytes is null ? "" : Encoding.UTF8.GetString(KeyBytes);

    /// <summary>The last header of that name as text, or null.</summary>
    public string? Header(string name)
    {
        var found = Headers.LastOrDefault(header => header.Name == name);
        return found.Value is null ? null : Encoding.UTF8.GetString(found.Value);
    }
}

/// <summary>Reads all that is committed in a topic, through the log contract alone.</summary>
public static class LogDump
{
    private const int BatchRecordsMax = 10_000;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>The topic's records by partition, from the first that it still holds to what is its end when the call begins.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<DumpedRecord>>> TopicAsync(ILog log, string topic, CancellationToken cancellation)
    {
        // Not the committed end: on Kafka it lags behind a commit that has been answered, until its markers are written.
        var ends = await log.Admin.EndOffsetsAsync(topic, Isolation.Uncommitted, cancellation).ConfigureAwait(false);
        var dumped = ends.Select(_ => new List<DumpedRecord>()).ToArray();
        using var reader = log.OpenReader(new($"dump-of-{topic}") { ReadsToEnd = true });
        var starts = ends.Select((_, partition) => new PartitionPosition(topic, partition, reader.FirstOffset(new(topic, partition)))).ToArray();
        var open = starts.Where(start => start.Offset < ends[start.Partition]).ToDictionary(start => start.Partition, start => ends[start.Partition]);
        reader.Assign([.. starts.Where(start => open.ContainsKey(start.Partition))]);
        while (open.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = reader.Poll(BatchRecordsMax, PollTimeout);
            for (var i = 0; i < batch.Records.Length; i++)
            {
                var record = batch.Records[i];
                if (record.Offset < ends[record.Partition])
                    dumped[record.Partition].Add(Copy(batch, i));
                if (open.TryGetValue(record.Partition, out var end) && record.Offset + 1 >= end)
                    open.Remove(record.Partition);
            }

            foreach (var signal in batch.Signals)
            {
                if (signal.Kind == PartitionSignalKind.EndOfPartition && open.TryGetValue(signal.Partition, out var end) && signal.Offset >= end)
                    open.Remove(signal.Partition);
            }
        }

        return dumped;
    }

    /// <summary>The newest record of each key, tombstones left out: what a compacted topic says.</summary>
    public static async Task<IReadOnlyDictionary<string, DumpedRecord>> CompactedAsync(ILog log, string topic, CancellationToken cancellation)
    {
        var newest = new Dictionary<string, DumpedRecord>();
        foreach (var record in (await TopicAsync(log, topic, cancellation).ConfigureAwait(false)).SelectMany(records => records))
        {
            if (record.Value is null)
                newest.Remove(record.Key);
            else
                newest[record.Key] = record;
        }

        return newest;
    }

    private static DumpedRecord Copy(RecordBatch batch, int index)
    {
        var record = batch.Records[index];
        var headers = new List<(string, byte[])>();
        for (var i = 0; i < batch.HeaderCountOf(index); i++)
        {
            var header = batch.HeaderOf(index, i);
            headers.Add((Encoding.UTF8.GetString(header.Name), header.Value.ToArray()));
        }

        return new(
            record.Topic,
            record.Partition,
            record.Offset,
            record.HasKey ? record.Key.ToArray() : null,
            record.IsTombstone ? null : record.Value.ToArray(),
            batch.TimestampOf(index),
            headers);
    }
}
