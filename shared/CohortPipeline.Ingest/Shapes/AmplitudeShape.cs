using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>Amplitude's events and identify calls, each alone; its batches hold them as entries.</summary>
internal static class AmplitudeShape
{
    private static readonly MemberSet Used = new(
        MemberName.EventType, MemberName.UserId, MemberName.DeviceId, MemberName.Time, MemberName.EventTime, MemberName.InsertId, MemberName.DollarInsertId, MemberName.EventProperties, MemberName.UserProperties);

    public static Rejection ReadEvent(FieldReader fields, ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Event;
        var rejection = fields.Ids(json, MemberName.UserId, MemberName.Other, MemberName.DeviceId, ref activity);
        if (!rejection.Exists)
            rejection = fields.EventType(json, MemberName.EventType, ref activity);
        if (!rejection.Exists)
            rejection = fields.Time(json, MemberName.Time, MemberName.EventTime, ref activity);
        if (!rejection.Exists)
            rejection = fields.Properties(json, MemberName.EventProperties, ref activity);
        if (!rejection.Exists)
            rejection = fields.Operations(json, fields.Record[MemberName.UserProperties], isDollarReserved: true, ref activity);
        fields.InsertId(json, MemberName.InsertId, MemberName.DollarInsertId, ref activity);
        activity.Context = fields.OtherMembers(json, Used);
        return rejection;
    }

    public static Rejection ReadIdentify(FieldReader fields, ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Identify;
        var rejection = fields.Ids(json, MemberName.UserId, MemberName.Other, MemberName.DeviceId, ref activity);
        if (!rejection.Exists)
            rejection = fields.Time(json, MemberName.Time, MemberName.EventTime, ref activity);
        if (!rejection.Exists)
            rejection = fields.Operations(json, fields.Record[MemberName.UserProperties], isDollarReserved: true, ref activity);
        fields.InsertId(json, MemberName.InsertId, MemberName.DollarInsertId, ref activity);
        return rejection;
    }
}
