using System.Diagnostics;
using CohortPipeline.Log;

namespace CohortPipeline.Telemetry;

/// <summary>
/// W3C trace context in record headers (<c>traceparent</c>, <c>tracestate</c>, in UTF-8). Sampling is decided once, by the
/// producer or at ingest: a context that is not sampled is treated as none, and reading it costs a few comparisons and no
/// allocation.
/// </summary>
public static class TraceContext
{
    /// <summary>Length of <c>00-{32 hex}-{16 hex}-{2 hex}</c>, the whole of version 00.</summary>
    public const int TraceParentLength = 55;

    /// <summary>The specification asks for at least this much of a <c>tracestate</c> to be carried; a longer one is left out.</summary>
    public const int TraceStateBytesMax = 512;

    private const int TraceIdStart = 3;
    private const int TraceIdLength = 32;
    private const int SpanIdStart = TraceIdStart + TraceIdLength + 1;
    private const int SpanIdLength = 16;
    private const int FlagsStart = SpanIdStart + SpanIdLength + 1;

    public static ReadOnlySpan<byte> TraceParentHeader => "traceparent"u8;

    public static ReadOnlySpan<byte> TraceStateHeader => "tracestate"u8;

    public static ReadOnlySpan<byte> BaggageHeader => "baggage"u8;

    /// <summary>True for the headers that a record gets anew on every hop, so that those it came with must not be copied.</summary>
    public static bool IsTraceHeader(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(TraceParentHeader) || name.SequenceEqual(TraceStateHeader) || name.SequenceEqual(BaggageHeader);

    /// <summary>The sampled context that a record carries (the last of its headers counts); false if it has none, a broken one, or one that is not sampled.</summary>
    public static bool TryRead(RecordBatch batch, int index, out ActivityContext context)
    {
        context = default;
        if (batch.HeaderCountOf(index) == 0 || !batch.TryGetHeader(index, TraceParentHeader, out var parent) || !IsSampled(parent))
            return false;
        batch.TryGetHeader(index, TraceStateHeader, out var state);
        return TryParse(parent, state, out context);
    }

    /// <summary>True if the record carries a context at all, sampled or not: then nobody decides about sampling again.</summary>
    public static bool IsPresent(RecordBatch batch, int index) =>
        batch.HeaderCountOf(index) > 0 && batch.TryGetHeader(index, TraceParentHeader, out var parent) && IsWellFormed(parent);

    /// <summary>Reads a context whatever its sampled flag says; false for one that the specification calls invalid.</summary>
    public static bool TryParse(ReadOnlySpan<byte> traceParent, ReadOnlySpan<byte> traceState, out ActivityContext context)
    {
        context = default;
        if (!IsWellFormed(traceParent))
            return false;
        var flags = IsSampled(traceParent) ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        var state = traceState.IsEmpty || traceState.Length > TraceStateBytesMax ? null : System.Text.Encoding.UTF8.GetString(traceState);
        context = new(
            ActivityTraceId.CreateFromUtf8String(traceParent.Slice(TraceIdStart, TraceIdLength)),
            ActivitySpanId.CreateFromUtf8String(traceParent.Slice(SpanIdStart, SpanIdLength)),
            flags,
            state,
            isRemote: true);
        return true;
    }

    /// <summary>Adds the activity's context to a record that is about to be written; nothing for an activity that is absent or not sampled.</summary>
    public static RecordHeaders? Headers(Activity? activity, RecordHeaders? headers = null) =>
        activity is { Recorded: true } ? Add(headers ?? new(), activity.Context) : headers;

    public static RecordHeaders Add(RecordHeaders headers, in ActivityContext context)
    {
        Span<byte> text = stackalloc byte[TraceParentLength];
        Write(context, text);
        headers.Add("traceparent", text);
        if (!string.IsNullOrEmpty(context.TraceState))
            headers.Add("tracestate", context.TraceState);
        return headers;
    }

    /// <summary>Writes <see cref="TraceParentLength"/> bytes.</summary>
    public static void Write(in ActivityContext context, Span<byte> traceParent)
    {
        "00-"u8.CopyTo(traceParent);
        WriteAscii(context.TraceId.ToHexString(), traceParent[TraceIdStart..]);
        traceParent[SpanIdStart - 1] = (byte)'-';
        WriteAscii(context.SpanId.ToHexString(), traceParent[SpanIdStart..]);
        traceParent[FlagsStart - 1] = (byte)'-';
        traceParent[FlagsStart] = (byte)'0';
        traceParent[FlagsStart + 1] = (byte)((context.TraceFlags & ActivityTraceFlags.Recorded) == 0 ? '0' : '1');
    }

    /// <summary>Copies a record's headers but for those of tracing, which the next hop writes anew.</summary>
    public static void CopyOtherHeaders(RecordBatch batch, int index, RecordHeaders target)
    {
        var count = batch.HeaderCountOf(index);
        for (var i = 0; i < count; i++)
        {
            var header = batch.HeaderOf(index, i);
            if (IsTraceHeader(header.Name))
                continue;
            var name = System.Text.Encoding.UTF8.GetString(header.Name);
            if (header.HasValue)
                target.Add(name, header.Value);
            else
                target.AddNull(name);
        }
    }

    private static bool IsSampled(ReadOnlySpan<byte> traceParent) =>
        traceParent.Length >= TraceParentLength && (HexValue(traceParent[FlagsStart + 1]) & 1) == 1;

    private static bool IsWellFormed(ReadOnlySpan<byte> text)
    {
        if (text.Length < TraceParentLength || text[2] != '-' || text[SpanIdStart - 1] != '-' || text[FlagsStart - 1] != '-')
            return false;
        if (!IsHex(text[..2]) || !IsHex(text.Slice(TraceIdStart, TraceIdLength)) || !IsHex(text.Slice(SpanIdStart, SpanIdLength)) || !IsHex(text.Slice(FlagsStart, 2)))
            return false;
        if (!IsVersionOf(text))
            return false;
        return text.Slice(TraceIdStart, TraceIdLength).ContainsAnyExcept((byte)'0') && text.Slice(SpanIdStart, SpanIdLength).ContainsAnyExcept((byte)'0');
    }

    /// <summary>Version 00 has exactly this length, a later one may go on behind a dash, <c>ff</c> is forbidden.</summary>
    private static bool IsVersionOf(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("ff"u8))
            return false;
        if (text.StartsWith("00"u8))
            return text.Length == TraceParentLength;
        return text.Length == TraceParentLength || text[TraceParentLength] == '-';
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (var character in text)
        {
            if (HexValue(character) < 0)
                return false;
        }

        return true;
    }

    /// <summary>Lower case alone is valid in a trace context; -1 for anything else.</summary>
    private static int HexValue(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        _ => -1,
    };

    private static void WriteAscii(string text, Span<byte> target)
    {
        for (var i = 0; i < text.Length; i++)
            target[i] = (byte)text[i];
    }
}
