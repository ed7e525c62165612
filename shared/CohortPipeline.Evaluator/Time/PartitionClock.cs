using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;

namespace CohortPipeline.Evaluator;

/// <summary>
/// The watermark of one partition of <c>activity</c>: up to there the world is known, and it never goes back. Time comes
/// from the log alone (<c>docs/spec/cohorts.md</c> §4).
/// </summary>
/// <remarks>Immutable in what it hands out, so that an uncommitted move is undone by keeping the older snapshot.</remarks>
public sealed class PartitionClock(ClockKind kind, TimeSpan grace, IReadOnlyList<string> sources)
{
    /// <summary>No watermark has come yet.</summary>
    public const long Unknown = long.MinValue;

    private readonly long _grace = (long)grace.TotalMilliseconds;
    private readonly SortedDictionary<string, long[]> _read = new(StringComparer.Ordinal);

    /// <summary>The watermark, epoch milliseconds, or <see cref="Unknown"/>.</summary>
    public long Watermark { get; private set; } = Unknown;

    /// <summary>The instant up to which, itself included, a final watermark has asked to fire everything.</summary>
    public long Until { get; private set; } = Unknown;

    /// <summary>Timers due before this (exclusive) are fired: those of the watermark's own millisecond wait for its records.</summary>
    public long TimerLimit => Math.Max(Watermark, Until == Unknown ? Unknown : Until + 1);

    /// <summary>Per source topic the wall-clock instants up to which each partition was read; <see cref="Unknown"/> for one that never reported.</summary>
    public IReadOnlyDictionary<string, long[]> Read => _read;

    /// <summary>A record with timestamp L is about to be applied. With clock <c>record</c> it moves the watermark.</summary>
    public void SeeRecord(long timestamp)
    {
        if (kind == ClockKind.Record)
            Watermark = Math.Max(Watermark, timestamp);
    }

    /// <summary>A watermark of ingest's, or the final one of an import.</summary>
    public void SeeWatermark(in ActivityRecord record)
    {
        if (record.Until is { } until)
        {
            Until = Math.Max(Until, until);
            Watermark = Math.Max(Watermark, until);
            return;
        }

        if (kind == ClockKind.Record)
            return;
        Merge(record);
        if (SlowestSource() is var slowest && slowest != Unknown)
            Watermark = Math.Max(Watermark, slowest - _grace);
    }

    /// <summary>Configured sources, with a partition each, that never reported: they hold the watermark.</summary>
    public IEnumerable<string> Missing()
    {
        foreach (var source in sources)
        {
            if (!_read.TryGetValue(source, out var read))
                yield return source;
            else if (Array.IndexOf(read, Unknown) is var partition && partition >= 0)
                yield return $"{source}/{partition}";
        }
    }

    public Snapshot Save() => new(Watermark, Until, [.. _read.Select(pair => (pair.Key, (long[])pair.Value.Clone()))]);

    public void Load(Snapshot snapshot)
    {
        Watermark = snapshot.Watermark;
        Until = snapshot.Until;
        _read.Clear();
        foreach (var (topic, read) in snapshot.Read)
            _read.Add(topic, (long[])read.Clone());
    }

    private void Merge(in ActivityRecord record)
    {
        var topic = System.Text.Encoding.UTF8.GetString(record.Topic);
        if (!_read.TryGetValue(topic, out var read) || read.Length < record.PartitionCount)
            _read[topic] = read = Widen(read, record.PartitionCount);
        var reader = new Utf8JsonReader(record.Read);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPartition = System.Buffers.Text.Utf8Parser.TryParse(reader.ValueSpan, out int partition, out _) && (uint)partition < (uint)read.Length;
            reader.Read();
            if (isPartition)
                read[partition] = Math.Max(read[partition], reader.GetInt64());
        }
    }

    private static long[] Widen(long[]? read, int partitionCount)
    {
        var wide = new long[partitionCount];
        Array.Fill(wide, Unknown);
        read?.CopyTo(wide, 0);
        return wide;
    }

    private long SlowestSource()
    {
        var slowest = long.MaxValue;
        foreach (var source in sources)
        {
            if (!_read.TryGetValue(source, out var read))
                return Unknown;
            foreach (var instant in read)
                slowest = Math.Min(slowest, instant);
        }

        return slowest == long.MaxValue ? Unknown : slowest;
    }

    /// <summary>The clock's state as the changelog holds it.</summary>
    public sealed record Snapshot(long Watermark, long Until, IReadOnlyList<(string Topic, long[] Read)> Read)
    {
        public static Snapshot Empty => new(Unknown, Unknown, []);
    }
}
