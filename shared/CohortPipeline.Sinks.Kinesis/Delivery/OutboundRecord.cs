using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// A record for a stream, composed once: a resend has the same bytes. It stands for one or several records of one partition.
/// Its memory is the queue's, which lends it (<see cref="DeliveryQueue.Rent"/>) and takes it back when it is accepted.
/// </summary>
public sealed class OutboundRecord
{
    /// <summary>What the objects around a payload take, for the byte budget.</summary>
    internal const int OverheadBytes = 320;

    /// <summary>Buffers above this are rented for as long as the record is under way: made anew for each, large ones would pile up until the collector looks at the oldest generation.</summary>
    private const int KeptBytesMax = 4_096;

    private readonly List<ulong> _orderKeys = [];
    private readonly List<long> _sequences = [];
    private readonly List<ActivityContext> _traces = [];
    private byte[] _buffer = [];
    private int _keyBytes;

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Data => _buffer.AsMemory(_keyBytes, Size - _keyBytes);

    /// <summary>The stream's partition key, in UTF-8.</summary>
    public ReadOnlySpan<byte> Key => _buffer.AsSpan(0, _keyBytes);

    /// <inheritdoc cref="Key"/>
    public string PartitionKey => Encoding.UTF8.GetString(Key);

    /// <summary>Bytes as the stream counts them: data and key.</summary>
    public int Size { get; private set; }

    /// <summary>Everything it must not overtake, each once (<see cref="OrderKey"/>).</summary>
    public ReadOnlySpan<ulong> OrderKeys => CollectionsMarshal.AsSpan(_orderKeys);

    /// <summary>The records it stands for, as <see cref="PartitionProgress.Take"/> numbered them.</summary>
    public IReadOnlyList<long> Sequences => _sequences;

    /// <summary>The traces it belongs to.</summary>
    public IReadOnlyList<ActivityContext> Traces => _traces;

    /// <summary>The partition it comes from.</summary>
    public PartitionProgress Progress { get; private set; } = null!;

    /// <summary>The instant (epoch milliseconds) of the oldest change or event in it: what the time to delivery counts from.</summary>
    public long HappenedAt { get; private set; }

    /// <summary>What it adds to the memory held.</summary>
    internal int HeldBytes => Size + OverheadBytes;

    /// <summary>Its place in the order in which records came; also what its jitter is drawn by.</summary>
    internal long Number { get; set; }

    /// <summary>Where its key lies in the stream's range of hashes.</summary>
    internal UInt128 KeyHash { get; private set; }

    /// <summary>Lines of <see cref="KeyLines"/> in which something stands before it.</summary>
    internal int WaitsFor { get; set; }

    internal int Attempts { get; set; }

    internal bool IsInFlight { get; set; }

    /// <summary>Its partition has gone: it is not sent any more, and if it is in flight nobody asks for the answer.</summary>
    internal bool IsDropped { get; set; }

    /// <summary>Makes it a record of <paramref name="progress"/>, with its bytes.</summary>
    public void Fill(PartitionProgress progress, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, long happenedAt)
    {
        Progress = progress;
        HappenedAt = happenedAt;
        Size = key.Length + data.Length;
        _keyBytes = key.Length;
        if (_buffer.Length < Size)
            _buffer = Size > KeptBytesMax ? ArrayPool<byte>.Shared.Rent(Size) : new byte[Size];
        key.CopyTo(_buffer);
        data.CopyTo(_buffer.AsSpan(key.Length));
    }

    /// <summary>It must not overtake what has this key, nor be overtaken.</summary>
    public void OrderBy(ulong key)
    {
        if (!_orderKeys.Contains(key))
            _orderKeys.Add(key);
    }

    /// <summary>It stands for this record of its partition.</summary>
    public void StandFor(long sequence) => _sequences.Add(sequence);

    public void Follow(in ActivityContext trace)
    {
        if (trace != default)
            _traces.Add(trace);
    }

    internal void HashKey() => KeyHash = ShardHash.Of(Key);

    internal void Clear()
    {
        _orderKeys.Clear();
        _sequences.Clear();
        _traces.Clear();
        if (_buffer.Length > KeptBytesMax)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        (Size, _keyBytes, WaitsFor, Attempts, IsInFlight, IsDropped, Progress) = (0, 0, 0, 0, false, false, null!);
    }
}
