using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Memory;

/// <summary>Records in memory that is overwritten as soon as nobody may look at it any more.</summary>
internal sealed class MemoryBatch : RecordBatch
{
    private const byte Rubble = 0xDD;

    private readonly List<LogRecord> _records = [];
    private readonly List<(string Name, byte[]? Value)[]> _headers = [];
    private readonly List<PartitionSignal> _signals = [];
    private readonly List<byte[]> _lent = [];

    public bool IsEmpty => _records.Count == 0 && _signals.Count == 0;

    public override ReadOnlySpan<LogRecord> Records => CollectionsMarshal.AsSpan(_records);

    public override ReadOnlySpan<PartitionSignal> Signals => CollectionsMarshal.AsSpan(_signals);

    public override long TimestampOf(int index) => 0;

    public override int HeaderCountOf(int index) => _headers[index].Length;

    public override LogHeader HeaderOf(int index, int header)
    {
        var (name, value) = _headers[index][header];
        return new(Encoding.UTF8.GetBytes(name), value, value is not null);
    }

    public unsafe void Add(TopicPartition place, long offset, MemoryRecord record)
    {
        _records.Add(new(place.Topic, place.Partition, offset, Lend(record.Key), record.Key?.Length ?? 0, Lend(record.Value), record.Value?.Length ?? 0));
        _headers.Add(record.Headers);
    }

    public void AddEnd(TopicPartition place, long end) => _signals.Add(new(PartitionSignalKind.EndOfPartition, place.Topic, place.Partition, end));

    public void Clear()
    {
        foreach (var lent in _lent)
            lent.AsSpan().Fill(Rubble);
        _lent.Clear();
        _records.Clear();
        _headers.Clear();
        _signals.Clear();
    }

    private unsafe byte* Lend(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        var pinned = GC.AllocateUninitializedArray<byte>(Math.Max(bytes.Length, 1), pinned: true);
        bytes.CopyTo(pinned, 0);
        _lent.Add(pinned);
        return (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
    }
}
