using System.Buffers;
using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Properties;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Tests.Unit.Rules;

/// <summary>
/// A partition with one profile, written as a script: what happens at which instant, and what comes of it, a line a delta.
/// Times are such as <c>2026-03-01T10:00:00Z</c>, or only <c>10:00</c> of that day.
/// </summary>
internal sealed class PartitionScript
{
    private readonly Stepper _stepper = new();
    private readonly Transition _transition = new();
    private readonly List<string> _deltas = [];
    private readonly ArrayBufferWriter<byte> _exported = new();
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly ByteWriter _stored = new();
    private long _watermark = Clock.NoWatermark;

    public PartitionScript(params string[] definitions)
    {
        if (definitions.Length > 0)
            Plan = Plan.Apply(definitions.SelectMany(Changes).ToList());
    }

    public CohortPlan Plan { get; set; } = CohortPlan.Empty;

    /// <summary>Stores and restores the plan after each change set, and the profile after each step.</summary>
    public bool Restores { get; set; }

    public Profile Profile { get; } = new();

    public Transition Last => _transition;

    /// <summary>The profile as it is stored.</summary>
    public byte[] Stored
    {
        get
        {
            ProfileCodec.Write(Key, Profile, _stored);
            return _stored.Written.ToArray();
        }
    }

    /// <summary>The deltas since this was asked last, such as <c>enter shoes 2026-03-01T10:00:00.000Z event</c>.</summary>
    public string[] Deltas
    {
        get
        {
            var deltas = _deltas.ToArray();
            _deltas.Clear();
            return deltas;
        }
    }

    public static long Instant(string time) => DateTimeOffset
        .Parse(time.Contains('T', StringComparison.Ordinal) ? time : $"2026-03-01T{time}Z", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
        .ToUnixTimeMilliseconds();

    /// <summary>An event read at <paramref name="at"/>.</summary>
    public PartitionScript Event(string at, string type, string? properties = null, string? time = null, string? insertId = null, string? userProperties = null, string? context = null, string? device = null)
    {
        Apply(at, new()
        {
            Type = ActivityType.Event,
            Event = Utf8(type),
            Timestamp = Instant(at),
            UserId = "ada"u8,
            DeviceId = Utf8(device),
            Time = time is null ? null : Instant(time),
            InsertId = Utf8(insertId),
            Properties = Utf8(properties),
            UserProperties = Utf8(userProperties),
            Context = Utf8(context),
        });
        return this;
    }

    /// <summary>An identify call of operations.</summary>
    public PartitionScript Identify(string at, string operations, string? insertId = null)
    {
        Apply(at, new() { Type = ActivityType.Identify, Timestamp = Instant(at), UserId = "ada"u8, InsertId = Utf8(insertId), UserProperties = Utf8(operations) });
        return this;
    }

    /// <summary>The watermark moves; what was due before it fires.</summary>
    public PartitionScript Watermark(string at)
    {
        _watermark = Math.Max(_watermark, Instant(at));
        Fire(_watermark);
        return this;
    }

    /// <summary>A change set of definitions, at the watermark.</summary>
    public PartitionScript Define(params string[] definitions) => Change([.. definitions.SelectMany(Changes)]);

    public PartitionScript Delete(params string[] ids) => Change([.. ids.Select(id => new CohortChange(id, NextVersion(id), null))]);

    /// <summary>One change set of deletions and definitions.</summary>
    public PartitionScript Replace(string[] deleted, params string[] definitions) =>
        Change([.. deleted.Select(id => new CohortChange(id, NextVersion(id), null)), .. definitions.SelectMany(Changes)]);

    private PartitionScript Change(CohortChange[] changeSet)
    {
        var instant = Clock.InstantOf(long.MinValue, _watermark, Profile.LastInstant);
        Fire(instant);
        Plan = Plan.Apply(changeSet);
        if (Restores)
            Plan = CohortPlan.Restore(Plan.ToSnapshot());
        if (Profile.Exists)
        {
            _stepper.Migrate(Plan, Profile, instant, _transition);
            Take();
        }

        return this;
    }

    private IEnumerable<CohortChange> Changes(string text)
    {
        var parsed = DefinitionParser.Parse(text, "test.yaml");
        if (!parsed.IsAccepted)
            throw new InvalidOperationException(string.Join("\n", parsed.Errors));
        return parsed.Definitions.Select(definition => new CohortChange(definition.Id, NextVersion(definition.Id), definition));
    }

    private int NextVersion(string id) => _versions[id] = _versions.GetValueOrDefault(id) + 1;

    private void Apply(string at, in ActivityRecord record)
    {
        var instant = Clock.InstantOf(Instant(at), _watermark, Profile.LastInstant);
        Fire(instant);
        _stepper.Apply(Plan, Profile, record, instant, _transition);
        Take();
    }

    private void Fire(long before)
    {
        while (_stepper.TryFire(Plan, Profile, before, _transition))
            Take();
    }

    private void Take()
    {
        foreach (var change in _transition.Changes)
        {
            var line = $"{(change.Change == MembershipChange.Enter ? "enter" : "exit")} {change.Cohort.Definition.Id} {CohortPipeline.Contracts.Instant.ToRfc3339(_transition.At)} {Encoding.UTF8.GetString(DeltaReasons.Name(_transition.Reason))}";
            _exported.ResetWrittenCount();
            if (ExportedProperties.Write(change.Cohort, Profile.Properties, _exported))
                line += $" {Encoding.UTF8.GetString(_exported.WrittenSpan)}";
            _deltas.Add(line);
        }

        if (Restores)
            ProfileCodec.Read(Key, Stored, Profile);
    }

    private static ReadOnlySpan<byte> Key => "u:ada"u8;

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
