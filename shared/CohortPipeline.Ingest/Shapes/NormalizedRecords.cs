using System.Buffers;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>What one record or entry became: a record of <c>activity</c>, or (with a reason) a dead letter.</summary>
/// <param name="Reason"><see cref="DeadLetterReason.None"/> for a record of <c>activity</c>.</param>
/// <param name="Detail">Of a dead letter: what was found, for a person.</param>
/// <param name="Entry">Its place in a batch, else 0.</param>
/// <param name="IsEntry">True if it comes from a batch: then a dead letter holds the entry alone, else the record as it came.</param>
/// <param name="Time">The payload's own time, epoch milliseconds, if it has one.</param>
public readonly record struct NormalizedRecord(DeadLetterReason Reason, string Detail, int Entry, bool IsEntry, long? Time)
{
    internal int KeyStart { get; init; }

    internal int KeyLength { get; init; }

    internal int ValueLength { get; init; }

    /// <summary>Where an entry of a batch lies in the source record's value.</summary>
    internal int SourceStart { get; init; }

    internal int SourceLength { get; init; }

    public bool IsDeadLetter => Reason != DeadLetterReason.None;
}

/// <summary>What one record became, in order: at least one item. Used again for the next record.</summary>
public sealed class NormalizedRecords
{
    private readonly List<NormalizedRecord> _items = [];

    internal ArrayBufferWriter<byte> Buffer { get; } = new(4096);

    public int Count => _items.Count;

    public NormalizedRecord this[int index] => _items[index];

    /// <summary>The profile key; empty for a dead letter, which keeps the key it came with.</summary>
    public ReadOnlySpan<byte> Key(int index) => Buffer.WrittenSpan.Slice(_items[index].KeyStart, _items[index].KeyLength);

    /// <summary>The record of <c>activity</c>, or the batch's bad entry; empty for a dead letter of a whole record, which keeps its value.</summary>
    public ReadOnlySpan<byte> Value(int index) => Buffer.WrittenSpan.Slice(_items[index].KeyStart + _items[index].KeyLength, _items[index].ValueLength);

    internal void Clear()
    {
        _items.Clear();
        Buffer.ResetWrittenCount();
    }

    internal void Add(in NormalizedRecord item) => _items.Add(item);

    internal void AddDeadLetter(in Rejection rejection) => _items.Add(new(rejection.Reason, rejection.Detail, Entry: 0, IsEntry: false, Time: null));

    internal void AddDeadEntry(in Rejection rejection, int entry, ReadOnlySpan<byte> value)
    {
        var start = Buffer.WrittenCount;
        Buffer.Write(value);
        _items.Add(new(rejection.Reason, rejection.Detail, entry, IsEntry: true, Time: null) { KeyStart = start, ValueLength = value.Length });
    }
}
