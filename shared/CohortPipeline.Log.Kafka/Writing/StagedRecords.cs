using System.Runtime.InteropServices;
using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Writing;

/// <summary>Records of one topic in native memory, gathered for one batch call. Nothing is allocated a record.</summary>
internal sealed unsafe class StagedRecords : IDisposable
{
    public const int RecordsMax = 1_000;
    public const int BytesMax = 1024 * 1024;

    private NativeMessage* _messages;
    private byte* _bytes;
    private int _capacity;
    private int _used;

    public StagedRecords()
    {
        _messages = (NativeMessage*)NativeMemory.AllocZeroed(RecordsMax, (nuint)sizeof(NativeMessage));
        _bytes = (byte*)NativeMemory.Alloc(BytesMax);
        _capacity = BytesMax;
    }

    public int Count { get; private set; }

    public NativeMessage* this[int index] => _messages + index;

    /// <summary>Copies the record in; false if there is no room before the staged ones are written.</summary>
    public bool TryStage(int partition, Bytes key, Bytes value)
    {
        var length = key.Span.Length + value.Span.Length;
        if (Count == RecordsMax || (length > _capacity - _used && !TryGrow(length)))
            return false;

        ref var message = ref _messages[Count++];
        message.Error = ErrorCode.NoError;
        message.Partition = partition;
        message.Key = Copy(key, out message.KeyLength);
        message.Payload = Copy(value, out message.Length);
        return true;
    }

    public void Clear()
    {
        Count = 0;
        _used = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_bytes);
        _messages = null;
        _bytes = null;
        Count = 0;
    }

    /// <summary>Staged messages point into the memory, so it grows only while nothing is staged: for one record above the usual size.</summary>
    private bool TryGrow(int length)
    {
        if (Count > 0)
            return false;

        _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)length);
        _capacity = length;
        return true;
    }

    private byte* Copy(Bytes bytes, out nuint length)
    {
        length = (nuint)bytes.Span.Length;
        if (bytes.IsNull)
            return null;

        var start = _bytes + _used;
        bytes.Span.CopyTo(new Span<byte>(start, bytes.Span.Length));
        _used += bytes.Span.Length;
        return start;
    }
}
