using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>An event as it was applied to a profile. <paramref name="Time"/> is its own time, or that of its record, whichever is earlier; <paramref name="Offset"/> tells it from every other.</summary>
internal sealed record OracleEvent(
    long Offset,
    string Type,
    long Time,
    bool HasPayloadTime,
    string? InsertId,
    IReadOnlyDictionary<string, JsonElement> Properties,
    IReadOnlyDictionary<string, JsonElement> Context)
{
    public JsonElement? Find(string path) => new OracleSubject(Properties, Context).Find(path);
}

/// <summary>Why an evaluation takes place, and the record that asks for it, if one does.</summary>
internal sealed record OracleCause(string Reason, int? Partition = null, long? Offset = null);

/// <summary>One profile: everything that it ever did under the present behaviors, and what followed from it.</summary>
/// <param name="rememberedEventsMax"><see cref="OracleOptions.RememberedEventsMax"/>.</param>
internal sealed class OracleProfile(string key, long start, int rememberedEventsMax)
{
    private const int IdentifyCallsRemembered = 16;

    private readonly Dictionary<string, List<OracleEvent>> _events = [];
    private readonly HashSet<(string Behavior, OracleEvent Event)> _forgotten = [];
    private readonly HashSet<string> _everHeld = [];
    private readonly List<(string Type, string InsertId)> _identifyCalls = [];
    private readonly List<OracleDelta> _deltas = [];
    private readonly Dictionary<string, OracleMembership> _memberships = [];
    private readonly Dictionary<string, string> _exported = [];
    private int _exportedAt;
    private string? _deviceId = key.StartsWith("d:", StringComparison.Ordinal) ? key[2..] : null;
    private long _version;
    private long _computedAt = long.MinValue;
    private long _evaluatedAt = long.MinValue;

    public string Key => key;

    public OracleProperties Properties { get; } = new();

    /// <summary>The instant of the last record, or of the last change of definitions.</summary>
    public long Last { get; private set; } = start;

    public long FirstSeenAt { get; } = start;

    public IReadOnlyList<OracleDelta> Deltas => _deltas;

    /// <summary>Every device that its records named.</summary>
    public HashSet<string> Devices { get; } = [];

    public IEnumerable<OracleMembership> Memberships => _memberships.Values;

    private string? UserId => key.StartsWith("u:", StringComparison.Ordinal) ? key[2..] : null;

    /// <summary>All events that match a behavior, by time and then by arrival; those out of range are among them.</summary>
    public IReadOnlyList<OracleEvent> EventsOf(OracleBehavior behavior) => _events.TryGetValue(behavior.Identity, out var events) ? events : [];

    /// <summary>Whether the test held after a record, or when its definition came.</summary>
    public bool EverHeld(OracleEver test) => _everHeld.Contains(test.Identity);

    /// <summary>Evaluates the profile at each instant at which anything may change, from the last evaluation on, up to but without <paramref name="end"/>.</summary>
    public void PassTime(OraclePlan plan, long end)
    {
        while (NextFlip(plan) is { } flip && flip < end)
            Evaluate(plan, flip, new("schedule"));
    }

    /// <summary>A record came that happens at this instant: the device that it names is the profile's now.</summary>
    public void Touch(long instant, string? deviceId)
    {
        Last = instant;
        if (deviceId is null)
            return;
        Devices.Add(deviceId);
        if (UserId is not null)
            _deviceId = deviceId;
    }

    /// <summary>Applies operations on properties, unless the profile remembers the call of that type and insert id that brought them.</summary>
    public void Identify(JsonElement operations, string type, string? insertId)
    {
        if (insertId is not null)
        {
            if (_identifyCalls.Contains((type, insertId)))
                return;
            _identifyCalls.Add((type, insertId));
            if (_identifyCalls.Count > IdentifyCallsRemembered)
                _identifyCalls.RemoveAt(0);
        }

        Properties.Apply(operations);
    }

    /// <summary>Adds an event to each behavior that it matches and that does not remember it already.</summary>
    public void Add(OraclePlan plan, OracleEvent @event, long instant)
    {
        foreach (var behavior in plan.Behaviors)
        {
            if (!behavior.Matches(@event))
                continue;
            if (!_events.TryGetValue(behavior.Identity, out var events))
                _events[behavior.Identity] = events = [];
            if (@event.InsertId is not null && Remembered(behavior, events, instant).Any(known => IsSame(known, @event)))
                continue;
            events.Insert(events.FindLastIndex(known => known.Time <= @event.Time) + 1, @event);
            if (behavior.KeepsEveryEvent)
                MakeRoom(behavior, events, instant);
        }
    }

    /// <summary>Notes which tests of what properties ever were hold now.</summary>
    public void ObserveProperties(OraclePlan plan) =>
        _everHeld.UnionWith(plan.EverTests.Where(test => test.HoldsNow(Properties)).Select(test => test.Identity));

    /// <summary>Drops what only definitions outside of the plan needed.</summary>
    public void Forget(OraclePlan plan)
    {
        var kept = plan.Behaviors.Select(behavior => behavior.Identity).ToHashSet();
        foreach (var identity in _events.Keys.Where(identity => !kept.Contains(identity)).ToList())
            _events.Remove(identity);
        _forgotten.RemoveWhere(forgotten => !kept.Contains(forgotten.Behavior));
        _everHeld.IntersectWith(plan.EverTests.Select(test => test.Identity));
    }

    /// <summary>
    /// Compares every membership with what its definition says at this instant. <paramref name="deleted"/> are definitions
    /// that have just ceased to be.
    /// </summary>
    public void Evaluate(OraclePlan plan, long instant, OracleCause cause, IReadOnlyList<OracleDefinition>? deleted = null)
    {
        _evaluatedAt = instant;
        var changes = plan.Definitions
            .Select(definition => (Definition: definition, In: definition.Where.Holds(new(this, plan, instant))))
            .Concat((deleted ?? []).Select(definition => (Definition: definition, In: false)))
            .Where(state => state.In != IsMember(state.Definition.Id))
            .OrderBy(state => state.Definition.Id, StringComparer.Ordinal)
            .ToList();
        if (changes.Count > 0)
            _computedAt = Math.Max((long)Math.Floor(instant / 1000.0), _computedAt + 1);
        for (var part = 1; part <= changes.Count; part++)
            Change(changes[part - 1].Definition, changes[part - 1].In, instant, cause, part, changes.Count);
    }

    /// <summary>
    /// Members' rows follow the properties that they export. Those of <paramref name="rewritten"/>, whose list of exported
    /// properties is another one, are written again whether or not a property is.
    /// </summary>
    public void RefreshRows(OraclePlan plan, IReadOnlySet<string>? rewritten = null)
    {
        foreach (var definition in plan.Definitions.Where(definition => IsMember(definition.Id)))
        {
            var row = _memberships[definition.Id];
            var properties = Exported(definition);
            if (properties != row.Properties || rewritten?.Contains(definition.Id) == true)
                _memberships[definition.Id] = row with { Properties = properties, DeviceId = _deviceId };
        }
    }

    private bool IsMember(string cohortId) => _memberships.TryGetValue(cohortId, out var row) && row.In;

    private long? NextFlip(OraclePlan plan)
    {
        var flips = plan.Behaviors.SelectMany(behavior => behavior.Flips(EventsOf(behavior)))
            .Concat(plan.Clauses.SelectMany(clause => clause.Flips(this)))
            .Where(flip => flip > _evaluatedAt);
        return flips.Select(flip => (long?)flip).Min();
    }

    private IEnumerable<OracleEvent> Remembered(OracleBehavior behavior, List<OracleEvent> events, long instant) =>
        behavior.Remembered(events, instant).Where(@event => !_forgotten.Contains((behavior.Identity, @event)));

    /// <summary>The oldest go, where there are more than may be.</summary>
    private void MakeRoom(OracleBehavior behavior, List<OracleEvent> events, long instant)
    {
        foreach (var oldest in Remembered(behavior, events, instant).SkipLast(rememberedEventsMax).ToList())
        {
            if (behavior.CountsForgotten)
                _forgotten.Add((behavior.Identity, oldest));
            else
                events.Remove(oldest);
        }
    }

    private static bool IsSame(OracleEvent known, OracleEvent arriving) =>
        known.Type == arriving.Type && known.InsertId == arriving.InsertId && (!arriving.HasPayloadTime || known.Time == arriving.Time);

    private void Change(OracleDefinition definition, bool isIn, long instant, OracleCause cause, int part, int parts)
    {
        _version++;
        var row = new OracleMembership
        {
            CohortId = definition.Id,
            ProfileKey = key,
            In = isIn,
            EnteredAt = isIn ? instant : _memberships[definition.Id].EnteredAt,
            ExitedAt = isIn ? null : instant,
            At = instant,
            Version = _version,
            ComputedAt = _computedAt,
            FirstSeenAt = FirstSeenAt,
            UserId = UserId,
            DeviceId = _deviceId,
            AmplitudeId = OracleHashes.AmplitudeId(key),
            Properties = Exported(definition),
        };
        _memberships[definition.Id] = row;
        _deltas.Add(new()
        {
            ProfileKey = key,
            DeltaId = OracleHashes.DeltaId(key, definition.Id, _version, instant),
            CohortId = definition.Id,
            CohortName = definition.Name,
            DefinitionVersion = definition.Version,
            UserId = row.UserId,
            DeviceId = row.DeviceId,
            AmplitudeId = row.AmplitudeId,
            Change = isIn ? "enter" : "exit",
            Reason = cause.Reason,
            At = instant,
            EnteredAt = row.EnteredAt,
            ExitedAt = row.ExitedAt,
            ComputedAt = row.ComputedAt,
            FirstSeenAt = FirstSeenAt,
            Version = _version,
            Part = part,
            Parts = parts,
            Properties = row.Properties,
            SourcePartition = cause.Partition,
            SourceOffset = cause.Offset,
        });
    }

    /// <summary>Written once for all rows that export the same, as long as the properties stay.</summary>
    private string Exported(OracleDefinition definition)
    {
        if (_exportedAt != Properties.Changes)
            _exported.Clear();
        _exportedAt = Properties.Changes;
        var names = string.Join('\n', definition.ExportedProperties);
        if (!_exported.TryGetValue(names, out var text))
            _exported[names] = text = Properties.Export(definition.ExportedProperties);
        return text;
    }
}
