using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace CohortPipeline.Log.Embedded.Batches;

/// <summary>
/// Native memory that holds one batch or several in a row. It is shared (by the tail that keeps it and the readers that
/// lend records out of it) and freed with the last reference; once shared, it is never written again.
/// </summary>
internal sealed unsafe class BatchBuffer
{
    private const int CapacityMin = 512;

    private byte* _bytes;
    private int _references = 1;

    public BatchBuffer(int capacity)
    {
        Capacity = Math.Max(capacity, CapacityMin);
        _bytes = (byte*)NativeMemory.Alloc((nuint)Capacity);
    }

    /// <summary>Only for a reader that was never disposed.</summary>
    ~BatchBuffer() => Free();

    public byte* Bytes => _bytes;

    public int Length { get; private set; }

    public int Capacity { get; private set; }

    /// <summary>Room for <paramref name="count"/> more bytes, which count as written.</summary>
    public byte* Extend(int count)
    {
        var length = checked(Length + count);
        if (length > Capacity)
            Grow(length);
        var start = _bytes + Length;
        Length = length;
        return start;
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    [SuppressMessage("Usage", "CA1816", Justification = "A shared buffer is released by each holder, and disposed of by the last.")]
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Free();
            GC.SuppressFinalize(this);
        }
    }

    private void Grow(int length)
    {
        var capacity = (int)Math.Min(Math.Max(2L * Capacity, length), Array.MaxLength);
        _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)capacity);
        Capacity = capacity;
    }

    private void Free()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
