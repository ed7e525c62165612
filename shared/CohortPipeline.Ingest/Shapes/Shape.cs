namespace CohortPipeline.Ingest;

internal enum Shape
{
    Unknown,
    Segment,
    AmplitudeBatch,
    AmplitudeIdentify,
    AmplitudeEvent,
    Plain,
    PlainIdentify,
}

/// <summary>The rows of <c>docs/spec/inputs.md</c> §1: tried in order, the first whose test holds decides.</summary>
internal static class Shapes
{
    /// <summary>The shape of a record whose first level was read; an entry of a batch is no batch again.</summary>
    public static Shape Of(JsonObject record, ReadOnlySpan<byte> json, bool isEntry)
    {
        if (IsSegmentCall(record, json))
            return Shape.Segment;
        if (!isEntry && (record[MemberName.Events].IsArray || record[MemberName.Identification].IsArray))
            return Shape.AmplitudeBatch;
        var eventType = record[MemberName.EventType];
        if (eventType.IsText)
            return record.Text(json, eventType).SequenceEqual("$identify"u8) ? Shape.AmplitudeIdentify : Shape.AmplitudeEvent;
        if ((!eventType.Exists || eventType.IsNull) && record[MemberName.UserProperties].IsObject)
            return Shape.AmplitudeIdentify;
        if (!record.Has(MemberName.UserId) && !record.Has(MemberName.User) && !record.Has(MemberName.DeviceId))
            return Shape.Unknown;
        if (record[MemberName.Event].IsText)
            return Shape.Plain;
        return record[MemberName.Identify].IsObject ? Shape.PlainIdentify : Shape.Unknown;
    }

    private static bool IsSegmentCall(JsonObject record, ReadOnlySpan<byte> json) =>
        record[MemberName.Type].IsText
        && (record.Has(MemberName.SegmentUserId) || record.Has(MemberName.AnonymousId))
        && SegmentCalls.Of(record.Text(json, record[MemberName.Type])) != SegmentCall.None;
}

internal enum SegmentCall
{
    None,
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}

internal static class SegmentCalls
{
    public static SegmentCall Of(ReadOnlySpan<byte> type) => type switch
    {
        _ when type.SequenceEqual("track"u8) => SegmentCall.Track,
        _ when type.SequenceEqual("identify"u8) => SegmentCall.Identify,
        _ when type.SequenceEqual("page"u8) => SegmentCall.Page,
        _ when type.SequenceEqual("screen"u8) => SegmentCall.Screen,
        _ when type.SequenceEqual("group"u8) => SegmentCall.Group,
        _ when type.SequenceEqual("alias"u8) => SegmentCall.Alias,
        _ => SegmentCall.None,
    };
}
