using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;

namespace CohortPipeline.TestKit.SimulatedKafka.Clients;

/// <summary>A poll's records in memory that is overwritten as soon as nobody may look at it any more.</summary>
internal sealed unsafe class LentRecords : RecordBatch
{
    private const byte Rubble = 0xDD;
    private const int FirstLength = 16 * 1024;

    private readonly List<LogRecord> _records = [];
    private readonly List<SimulatedRecord> _sources = [];
    private readonly List<PartitionSignal> _signals = [];
    private readonly List<byte[]> _memories = [];
    private int _used;

    public bool IsEmpty => _records.Count == 0 && _signals.Count == 0;

    public override ReadOnlySpan<LogRecord> Records => CollectionsMarshal.AsSpan(_records);

    public override ReadOnlySpan<PartitionSignal> Signals => CollectionsMarshal.AsSpan(_signals);

    public override long TimestampOf(int index) => _sources[index].Timestamp;

    public override int HeaderCountOf(int index) => _sources[index].Headers.Count;

    public override LogHeader HeaderOf(int index, int header)
    {
        var (name, value) = _sources[index].Headers[header];
        return new(Encoding.UTF8.GetBytes(name), value, value is not null);
    }

    public void Add(TopicPartition place, long offset, SimulatedRecord record)
    {
        _sources.Add(record);
        _records.Add(new(place.Topic, place.Partition, offset, Lend(record.Key), record.Key?.Length ?? 0, Lend(record.Value), record.Value?.Length ?? 0));
    }

    public void Add(PartitionSignalKind kind, TopicPartition place, long offset) => _signals.Add(new(kind, place.Topic, place.Partition, offset));

    public void Clear()
    {
        for (var i = 0; i < _memories.Count; i++)
            _memories[i].AsSpan(0, i == _memories.Count - 1 ? _used : _memories[i].Length).Fill(Rubble);
        if (_memories.Count > 1)
            _memories.RemoveRange(0, _memories.Count - 1);
        _used = 0;
        _records.Clear();
        _sources.Clear();
        _signals.Clear();
    }

    private byte* Lend(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        if (_memories.Count == 0 || _used + bytes.Length > _memories[^1].Length)
        {
            _memories.Add(GC.AllocateUninitializedArray<byte>(Math.Max(FirstLength, bytes.Length * 2), pinned: true));
            _used = 0;
        }

        bytes.CopyTo(_memories[^1], _used);
        var lent = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memories[^1], _used);
        _used += bytes.Length;
        return lent;
    }
}
