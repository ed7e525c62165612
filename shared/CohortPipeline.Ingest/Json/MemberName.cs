namespace CohortPipeline.Ingest;

/// <summary>The names that the shapes read at the first level of a record.</summary>
internal enum MemberName : byte
{
    Other,

    // plain
    Event,
    Identify,
    UserId,
    User,
    DeviceId,
    Time,
    InsertId,
    Properties,

    // Amplitude
    Events,
    Identification,
    EventType,
    EventTime,
    DollarInsertId,
    EventProperties,
    UserProperties,

    // Segment
    Type,
    SegmentUserId,
    AnonymousId,
    PreviousId,
    GroupId,
    Timestamp,
    OriginalTimestamp,
    MessageId,
    Traits,
    Name,
    Context,
}

internal static class MemberNames
{
    public const int Count = (int)MemberName.Context + 1;

    public static MemberName Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Is(name, "type"u8, MemberName.Type, "user"u8, MemberName.User, "time"u8, MemberName.Time, "name"u8, MemberName.Name),
        5 => Is(name, "event"u8, MemberName.Event),
        6 => Is(name, "userId"u8, MemberName.SegmentUserId, "events"u8, MemberName.Events, "traits"u8, MemberName.Traits),
        7 => Is(name, "user_id"u8, MemberName.UserId, "context"u8, MemberName.Context, "groupId"u8, MemberName.GroupId),
        8 => Is(name, "identify"u8, MemberName.Identify),
        9 => Is(name, "device_id"u8, MemberName.DeviceId, "insert_id"u8, MemberName.InsertId, "messageId"u8, MemberName.MessageId, "timestamp"u8, MemberName.Timestamp),
        10 => TenLong(name),
        11 => Is(name, "anonymousId"u8, MemberName.AnonymousId),
        14 => Is(name, "identification"u8, MemberName.Identification),
        15 => Is(name, "user_properties"u8, MemberName.UserProperties),
        16 => Is(name, "event_properties"u8, MemberName.EventProperties),
        17 => Is(name, "originalTimestamp"u8, MemberName.OriginalTimestamp),
        _ => MemberName.Other,
    };

    private static MemberName TenLong(ReadOnlySpan<byte> name)
    {
        var found = Is(name, "event_type"u8, MemberName.EventType, "properties"u8, MemberName.Properties, "event_time"u8, MemberName.EventTime, "$insert_id"u8, MemberName.DollarInsertId);
        return found == MemberName.Other ? Is(name, "previousId"u8, MemberName.PreviousId) : found;
    }

    private static MemberName Is(
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> first,
        MemberName isFirst,
        ReadOnlySpan<byte> second = default,
        MemberName isSecond = default,
        ReadOnlySpan<byte> third = default,
        MemberName isThird = default,
        ReadOnlySpan<byte> fourth = default,
        MemberName isFourth = default)
    {
        if (name.SequenceEqual(first))
            return isFirst;
        if (name.SequenceEqual(second))
            return isSecond;
        if (name.SequenceEqual(third))
            return isThird;
        return name.SequenceEqual(fourth) ? isFourth : MemberName.Other;
    }
}

/// <summary>A set of names: those that a shape has a use for, so that all others are context.</summary>
internal readonly struct MemberSet(params ReadOnlySpan<MemberName> names)
{
    private readonly uint _bits = Bits(names);

    public bool Contains(MemberName name) => (_bits & (1u << (int)name)) != 0;

    private static uint Bits(ReadOnlySpan<MemberName> names)
    {
        var bits = 0u;
        foreach (var name in names)
            bits |= 1u << (int)name;
        return bits;
    }
}
