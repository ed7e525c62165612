using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>Our own shape: <c>{event, user_id, device_id, time, insert_id, properties}</c> and <c>{identify, user_id, device_id, time, insert_id}</c>.</summary>
internal static class PlainShape
{
    private static readonly MemberSet Used = new(
        MemberName.Event, MemberName.UserId, MemberName.User, MemberName.DeviceId, MemberName.Time, MemberName.InsertId, MemberName.Properties);

    public static Rejection ReadEvent(FieldReader fields, ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Event;
        var rejection = fields.Ids(json, MemberName.UserId, MemberName.User, MemberName.DeviceId, ref activity);
        if (!rejection.Exists)
            rejection = fields.EventType(json, MemberName.Event, ref activity);
        if (!rejection.Exists)
            rejection = fields.Time(json, MemberName.Time, MemberName.Other, ref activity);
        if (!rejection.Exists)
            rejection = fields.Properties(json, MemberName.Properties, ref activity);
        fields.InsertId(json, MemberName.InsertId, MemberName.Other, ref activity);
        activity.Context = fields.OtherMembers(json, Used);
        return rejection;
    }

    public static Rejection ReadIdentify(FieldReader fields, ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Identify;
        var rejection = fields.Ids(json, MemberName.UserId, MemberName.User, MemberName.DeviceId, ref activity);
        if (!rejection.Exists)
            rejection = fields.Time(json, MemberName.Time, MemberName.Other, ref activity);
        if (!rejection.Exists)
            rejection = fields.Operations(json, fields.Record[MemberName.Identify], isDollarReserved: false, ref activity);
        fields.InsertId(json, MemberName.InsertId, MemberName.Other, ref activity);
        return rejection;
    }
}
