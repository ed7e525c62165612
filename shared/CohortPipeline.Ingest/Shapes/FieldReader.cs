using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>
/// Reads the fields that all shapes have, each under its own name there (<c>docs/spec/inputs.md</c> §2). What is filled in is
/// borrowed until the next record.
/// </summary>
internal sealed class FieldReader(JsonObject record)
{
    private const int EventTypeBytesMax = 1024;
    private const int ShownBytesMax = 60;

    private readonly ObjectBuilder _propertyBuilder = new();
    private readonly ObjectBuilder _contextBuilder = new();
    private readonly IdentifyNormalizer _identify = new();

    /// <summary>The record whose fields are read.</summary>
    public JsonObject Record => record;

    public Rejection Ids(ReadOnlySpan<byte> json, MemberName user, MemberName otherUser, MemberName device, scoped ref ActivityRecord activity)
    {
        var userKind = ProducerId.Read(record, json, record[user], out activity.UserId);
        if (userKind != IdKind.Valid && otherUser != MemberName.Other)
        {
            var otherKind = ProducerId.Read(record, json, record[otherUser], out var otherId);
            if (otherKind == IdKind.Valid || userKind == IdKind.None)
            {
                userKind = otherKind;
                activity.UserId = otherId;
            }
        }

        var deviceKind = ProducerId.Read(record, json, record[device], out activity.DeviceId);
        if (userKind == IdKind.TooLong || deviceKind == IdKind.TooLong)
        {
            var length = userKind == IdKind.TooLong ? activity.UserId.Length : activity.DeviceId.Length;
            return new(DeadLetterReason.IdTooLong, $"the {(userKind == IdKind.TooLong ? "user" : "device")} id has {length} bytes; at most {ProducerId.BytesMax} are allowed");
        }

        return userKind == IdKind.None && deviceKind == IdKind.None
            ? new(DeadLetterReason.NoIdentity, "neither a user id nor a device id that stands for somebody")
            : default;
    }

    public Rejection EventType(ReadOnlySpan<byte> json, MemberName name, scoped ref ActivityRecord activity)
    {
        var member = record[name];
        if (!member.IsText)
            return new(DeadLetterReason.NoEventType, "`event` is no text");
        activity.Event = record.Text(json, member);
        return activity.Event.Length is >= 1 and <= EventTypeBytesMax
            ? default
            : new(DeadLetterReason.NoEventType, $"the event type has {activity.Event.Length} bytes; 1 to {EventTypeBytesMax} are allowed");
    }

    /// <summary>The first of the two that is there counts.</summary>
    public Rejection Time(ReadOnlySpan<byte> json, MemberName first, MemberName second, scoped ref ActivityRecord activity)
    {
        var member = record[first];
        if ((!member.Exists || member.IsNull) && second != MemberName.Other)
            member = record[second];
        if (!member.Exists || member.IsNull)
            return default;
        var instant = 0L;
        var isTime = member.IsText
            ? InstantText.TryParse(record.Text(json, member), out instant)
            : member.Type == JsonTokenType.Number && InstantText.TryParseNumber(Value(json, member), out instant);
        if (!isTime)
            return new(DeadLetterReason.BadTime, $"{Encoding.UTF8.GetString(Value(json, member)[..Math.Min(ShownBytesMax, member.ValueEnd - member.ValueStart)])} is no time");
        activity.Time = instant;
        return default;
    }

    /// <summary>A text that is not empty, or a whole number; anything else is as if it were not there.</summary>
    public void InsertId(ReadOnlySpan<byte> json, MemberName first, MemberName second, scoped ref ActivityRecord activity)
    {
        activity.InsertId = InsertIdOf(json, record[first]);
        if (activity.InsertId.IsEmpty && second != MemberName.Other)
            activity.InsertId = InsertIdOf(json, record[second]);
    }

    private ReadOnlySpan<byte> InsertIdOf(ReadOnlySpan<byte> json, scoped in JsonMember member)
    {
        if (member.IsText)
            return record.Text(json, member);
        return ProducerId.IsWholeNumber(json, member) ? Value(json, member) : default;
    }

    public Rejection Properties(ReadOnlySpan<byte> json, MemberName name, scoped ref ActivityRecord activity)
    {
        var member = record[name];
        if (!member.Exists || member.IsNull)
            return default;
        if (!member.IsObject)
            return NotAnObject(name == MemberName.EventProperties ? "event_properties" : "properties");
        activity.Properties = _propertyBuilder.Compact(Value(json, member));
        return default;
    }

    /// <summary>An identify call, or what an event says of the profile: then nothing said is left out.</summary>
    public Rejection Operations(ReadOnlySpan<byte> json, scoped in JsonMember call, bool isDollarReserved, scoped ref ActivityRecord activity)
    {
        var isSaid = call.Exists && !call.IsNull;
        if (isSaid && !call.IsObject)
            return NotAnObject(call.Name == MemberName.Traits ? "traits" : "user_properties");
        if (!isSaid && activity.Type == ActivityType.Event)
            return default;
        _identify.Clear();
        if (isSaid && _identify.Add(Value(json, call), isDollarReserved) is { Exists: true } rejection)
            return rejection;
        activity.UserProperties = _identify.Normalized();
        return default;
    }

    /// <summary>All fields but the used ones, as an object; empty if there are none.</summary>
    public ReadOnlySpan<byte> OtherMembers(ReadOnlySpan<byte> json, in MemberSet used)
    {
        _contextBuilder.Start();
        for (var i = 0; i < record.Count; i++)
        {
            if (!used.Contains(record[i].Name))
                _contextBuilder.AddMember(json, record[i]);
        }

        return _contextBuilder.IsEmpty ? default : _contextBuilder.End();
    }

    public static Rejection NotAnObject(string name) => new(DeadLetterReason.BadProperties, $"`{name}` is not an object");

    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json, scoped in JsonMember member) => json[member.ValueStart..member.ValueEnd];
}
