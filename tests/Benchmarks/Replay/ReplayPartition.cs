using System.Runtime.InteropServices;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Replay;

/// <summary>Records of one partition in native memory, as a real log's lie there.</summary>
internal sealed unsafe class ReplayPartition(string topic, int number) : IDisposable
{
    private const int ChunkBytes = 16 * 1024 * 1024;

    private readonly List<nint> _chunks = [];
    private readonly List<LogRecord> _records = [];
    private int _used = ChunkBytes;

    public long End => _records.Count;

    public ReadOnlySpan<LogRecord> Records => CollectionsMarshal.AsSpan(_records);

    public void Append(Bytes key, Bytes value) =>
        _records.Add(new(topic, number, _records.Count, Keep(key), key.Span.Length, Keep(value), value.Span.Length));

    public void Dispose()
    {
        foreach (var chunk in _chunks)
            NativeMemory.Free((void*)chunk);
        _chunks.Clear();
        _records.Clear();
    }

    private byte* Keep(Bytes bytes)
    {
        if (bytes.IsNull)
            return null;
        if (_used + bytes.Span.Length > ChunkBytes)
        {
            _chunks.Add((nint)NativeMemory.Alloc(ChunkBytes));
            _used = 0;
        }

        var kept = (byte*)_chunks[^1] + _used;
        bytes.Span.CopyTo(new(kept, bytes.Span.Length));
        _used += bytes.Span.Length;
        return kept;
    }
}
