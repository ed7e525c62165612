using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.SchemaRegistry;

namespace CohortPipeline.Ingest;

/// <summary>The JSON of a record's value: without the frame of a Schema Registry, byte order marks and white space around it.</summary>
internal static class SourceBody
{
    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    public static Rejection Read(in SourceRecord source, out ReadOnlySpan<byte> body, out bool isFramed)
    {
        body = source.Value;
        isFramed = false;
        if (IsCloudEvent(source.Headers))
            return new(DeadLetterReason.UnknownShape, "a CloudEvents record: send the plain, Amplitude or Segment shape without CloudEvents headers");
        isFramed = SchemaFrame.TryRemove(ref body) || source.Headers.TryGet(SchemaFrame.ValueIdHeader, out _);
        body = Trim(body);
        return body.IsEmpty ? new(DeadLetterReason.Empty, "the record has no value, or white space alone") : default;
    }

    private static bool IsCloudEvent(in SourceHeaders headers)
    {
        if (!headers.Any)
            return false;
        return headers.TryGet("ce_specversion"u8, out _)
            || (headers.TryGet("content-type"u8, out var contentType) && Ascii.EqualsIgnoreCase(contentType[..Math.Min(contentType.Length, CloudEventsType.Length)], CloudEventsType));
    }

    private static ReadOnlySpan<byte> CloudEventsType => "application/cloudevents"u8;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> body)
    {
        var length = -1;
        while (body.Length != length)
        {
            length = body.Length;
            body = body.Trim(" \t\r\n"u8);
            if (body.StartsWith(ByteOrderMark))
                body = body[ByteOrderMark.Length..];
            if (body.EndsWith(ByteOrderMark))
                body = body[..^ByteOrderMark.Length];
        }

        return body;
    }
}
