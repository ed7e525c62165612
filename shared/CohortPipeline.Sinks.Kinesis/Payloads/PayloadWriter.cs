using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>A JSON writer that is used again for every payload. One thread uses it.</summary>
public sealed class PayloadWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4_096);
    private readonly Utf8JsonWriter _writer;

    public PayloadWriter() => _writer = new(_buffer, JsonText.WriterOptions);

    /// <summary>Starts anew; what <see cref="Written"/> answered is gone.</summary>
    public Utf8JsonWriter Start()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        return _writer;
    }

    /// <summary>What was written since <see cref="Start"/>, borrowed until the next one.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            _writer.Flush();
            return _buffer.WrittenSpan;
        }
    }

    public void Dispose() => _writer.Dispose();
}

/// <summary>Members that payloads share.</summary>
internal static class PayloadMembers
{
    /// <summary>Length of <c>,"traceparent":"…"</c>.</summary>
    public const int TraceParentBytes = 17 + Telemetry.TraceContext.TraceParentLength;

    /// <summary>The last member of a record; nothing for a record without trace context.</summary>
    public static void TraceParent(Utf8JsonWriter writer, ReadOnlySpan<byte> traceParent)
    {
        if (!traceParent.IsEmpty)
            writer.WriteString("traceparent"u8, traceParent);
    }
}
