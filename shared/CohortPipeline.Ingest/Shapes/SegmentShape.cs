using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>The calls of Segment and RudderStack.</summary>
internal sealed class SegmentShape(FieldReader fields)
{
    private static readonly MemberSet UsedByTrack = new(
        MemberName.Type, MemberName.Event, MemberName.SegmentUserId, MemberName.AnonymousId, MemberName.Timestamp, MemberName.OriginalTimestamp, MemberName.MessageId, MemberName.Properties, MemberName.Context);

    private static readonly MemberSet UsedByPage = new(
        MemberName.Type, MemberName.Name, MemberName.SegmentUserId, MemberName.AnonymousId, MemberName.Timestamp, MemberName.OriginalTimestamp, MemberName.MessageId, MemberName.Properties, MemberName.Context);

    private readonly ObjectBuilder _properties = new();
    private readonly ObjectBuilder _context = new();
    private readonly IdentifyNormalizer _identify = new();

    /// <summary>The first level of an object inside of the call.</summary>
    private readonly JsonObject _nested = new();

    private JsonObject Record => fields.Record;

    /// <param name="json">The call, whose first level was read.</param>
    /// <param name="activity">Is filled in but for timestamp and source.</param>
    /// <param name="previousUserId">Of an alias of two user ids: the one whose profile moves, and whose key the record has.</param>
    public Rejection Read(ReadOnlySpan<byte> json, scoped ref ActivityRecord activity, out ReadOnlySpan<byte> previousUserId)
    {
        previousUserId = default;
        var rejection = fields.Ids(json, MemberName.SegmentUserId, MemberName.Other, MemberName.AnonymousId, ref activity);
        if (!rejection.Exists)
            rejection = fields.Time(json, MemberName.Timestamp, MemberName.OriginalTimestamp, ref activity);
        if (rejection.Exists)
            return rejection;
        fields.InsertId(json, MemberName.MessageId, MemberName.Other, ref activity);
        return SegmentCalls.Of(Record.Text(json, Record[MemberName.Type])) switch
        {
            SegmentCall.Track => ReadTrack(json, ref activity),
            SegmentCall.Page => ReadPage(json, "page"u8, ref activity),
            SegmentCall.Screen => ReadPage(json, "screen"u8, ref activity),
            SegmentCall.Group => ReadGroup(json, ref activity),
            SegmentCall.Alias => ReadAlias(json, ref activity, out previousUserId),
            _ => ReadTraits(json, ref activity),
        };
    }

    private Rejection ReadTraits(ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Identify;
        return fields.Operations(json, Record[MemberName.Traits], isDollarReserved: false, ref activity);
    }

    private Rejection ReadTrack(ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Event;
        var rejection = fields.EventType(json, MemberName.Event, ref activity);
        if (!rejection.Exists)
            rejection = fields.Properties(json, MemberName.Properties, ref activity);
        return rejection.Exists ? rejection : ReadSegmentContext(json, UsedByTrack, ref activity);
    }

    private Rejection ReadPage(ReadOnlySpan<byte> json, ReadOnlySpan<byte> eventType, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Event;
        activity.Event = eventType;
        var rejection = fields.Properties(json, MemberName.Properties, ref activity);
        if (rejection.Exists)
            return rejection;
        var name = Record[MemberName.Name];
        if (name.Exists && !name.IsNull)
            activity.Properties = WithName(json, name, Record[MemberName.Properties]);
        return ReadSegmentContext(json, UsedByPage, ref activity);
    }

    /// <summary>The properties of a page or screen with its name among them.</summary>
    private ReadOnlySpan<byte> WithName(ReadOnlySpan<byte> json, scoped in JsonMember name, scoped in JsonMember properties)
    {
        _properties.Start();
        _properties.Add("\"name\""u8, FieldReader.Value(json, name));
        if (!properties.IsObject)
            return _properties.End();
        var nested = FieldReader.Value(json, properties);
        _nested.Read(nested);
        for (var i = 0; i < _nested.Count; i++)
        {
            if (_nested[i].Name != MemberName.Name)
                _properties.AddMember(nested, _nested[i]);
        }

        return _properties.End();
    }

    private Rejection ReadGroup(ReadOnlySpan<byte> json, scoped ref ActivityRecord activity)
    {
        activity.Type = ActivityType.Identify;
        var traits = Record[MemberName.Traits];
        if (traits is { Exists: true, IsNull: false, IsObject: false })
            return FieldReader.NotAnObject("traits");
        _identify.Clear();
        if (ContextTraits(json, out var contextTraits) is { Exists: true } rejection)
            return rejection;
        if (!contextTraits.IsEmpty && _identify.Add(contextTraits, isDollarReserved: false) is { Exists: true } badTraits)
            return badTraits;
        var groupId = Record[MemberName.GroupId];
        if (groupId.Exists && !groupId.IsNull)
            _identify.Set("\"group_id\""u8, FieldReader.Value(json, groupId));
        if (traits.IsObject)
            _identify.Set("\"group\""u8, FieldReader.Value(json, traits));
        activity.UserProperties = _identify.Normalized();
        return default;
    }

    /// <summary>An alias is a link between two profiles: the record lies under the key of the profile that moves.</summary>
    private Rejection ReadAlias(ReadOnlySpan<byte> json, scoped ref ActivityRecord activity, out ReadOnlySpan<byte> previousUserId)
    {
        activity.Type = ActivityType.Link;
        var kind = ProducerId.Read(Record, json, Record[MemberName.PreviousId], out var previousId);
        previousUserId = default;
        if (kind == IdKind.TooLong)
            return new(DeadLetterReason.IdTooLong, $"`previousId` has {previousId.Length} bytes; at most {ProducerId.BytesMax} are allowed");
        if (kind == IdKind.None || activity.UserId.IsEmpty)
            return new(DeadLetterReason.NoIdentity, "an alias needs `previousId` and `userId`");
        if (previousId.SequenceEqual(activity.DeviceId))
            return default;
        if (previousId.SequenceEqual(activity.UserId))
            return new(DeadLetterReason.RedirectCycle, "an alias of a user to itself");
        activity.DeviceId = default;
        previousUserId = previousId;
        return default;
    }

    /// <summary>The call's <c>context</c> and the fields that the shape has no use for; the traits in the context go to the profile.</summary>
    private Rejection ReadSegmentContext(ReadOnlySpan<byte> json, in MemberSet used, scoped ref ActivityRecord activity)
    {
        if (ContextTraits(json, out var traits) is { Exists: true } rejection)
            return rejection;
        _context.Start();
        var context = Record[MemberName.Context];
        if (context.IsObject)
            _context.AddMembers(FieldReader.Value(json, context));
        for (var i = 0; i < Record.Count; i++)
        {
            if (!used.Contains(Record[i].Name) && !IsInContext(json, Record[i]))
                _context.AddMember(json, Record[i]);
        }

        activity.Context = _context.IsEmpty ? default : _context.End();
        if (traits.IsEmpty)
            return default;
        _identify.Clear();
        if (_identify.Add(traits, isDollarReserved: false) is { Exists: true } badTraits)
            return badTraits;
        activity.UserProperties = _identify.Normalized();
        return default;
    }

    /// <summary>The object <c>context.traits</c>; empty if there is none. Leaves the first level of the context in <c>_nested</c>.</summary>
    private Rejection ContextTraits(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> traits)
    {
        traits = default;
        var context = Record[MemberName.Context];
        if (!context.Exists || context.IsNull)
            return default;
        if (!context.IsObject)
            return FieldReader.NotAnObject("context");
        var nested = FieldReader.Value(json, context);
        _nested.Read(nested);
        var found = _nested[MemberName.Traits];
        if (found is { Exists: true, IsNull: false, IsObject: false })
            return FieldReader.NotAnObject("context.traits");
        if (found.IsObject)
            traits = FieldReader.Value(nested, found);
        return default;
    }

    private bool IsInContext(ReadOnlySpan<byte> json, scoped in JsonMember member)
    {
        var context = Record[MemberName.Context];
        if (!context.IsObject)
            return false;
        var nested = FieldReader.Value(json, context);
        for (var i = 0; i < _nested.Count; i++)
        {
            if (QuotedName(nested, _nested[i]).SequenceEqual(QuotedName(json, member)))
                return true;
        }

        return false;
    }

    /// <summary>The name with its quotes; what stands between it and the value is cut off.</summary>
    private static ReadOnlySpan<byte> QuotedName(ReadOnlySpan<byte> json, scoped in JsonMember member)
    {
        var name = json[member.NameStart..member.ValueStart];
        return name[..(name.LastIndexOf((byte)'"') + 1)];
    }
}
