using System.Buffers;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Properties;
using CohortPipeline.Rules.Steps;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.Tests.Unit.Rules.OracleProperties;

/// <summary>The rules driven in the plainest way: profiles in a dictionary, every timer fired at once, every profile swept at once.</summary>
internal sealed class RulesPartition(OracleOptions options)
{
    private const int Partition = 0;
    private static readonly int[] RecordsBetweenRestarts = [1, 4];

    private readonly Stepper _stepper = new(options.RememberedEventsMax);
    private readonly Transition _transition = new();
    private readonly ActivityReader _reader = new();
    private readonly ByteWriter _stored = new();
    private readonly Dictionary<string, Profile> _profiles = [];
    private readonly List<CohortChange> _openChange = [];
    private readonly Dictionary<string, List<OracleDelta>> _deltas = [];
    private readonly Dictionary<(string CohortId, string ProfileKey), OracleMembership> _rows = [];
    private readonly Dictionary<(string Topic, int Partition), long> _read = [];
    private readonly Dictionary<string, int> _partitions = [];
    private Profile _idle = new();
    private CohortPlan _plan = CohortPlan.Empty;
    private long _watermark = Clock.NoWatermark;

    /// <param name="options">The pipeline's.</param>
    /// <param name="records">In the partition's order.</param>
    /// <param name="restarts">Says before which records everything is stored and read again; null: never.</param>
    public static OracleResult Run(OracleOptions options, IEnumerable<OracleRecord> records, Random? restarts = null)
    {
        var partition = new RulesPartition(options);
        var between = restarts?.GetItems(RecordsBetweenRestarts, 1)[0];
        foreach (var record in records)
        {
            if (between is { } most && restarts!.Next(most) == 0)
                partition.Restart();
            partition.Apply(record);
        }

        return partition.Result();
    }

    /// <summary>Each profile in a partition of its own, with the records that belong to none in all of them.</summary>
    public static OracleResult RunApart(OracleOptions options, IReadOnlyList<OracleRecord> records)
    {
        var results = records.Select(record => record.Key).Where(key => key.Length > 0).Distinct()
            .Select(key => Run(options, records.Where(record => record.Key.Length == 0 || record.Key == key)))
            .ToList();
        return new(
            results.SelectMany(result => result.Deltas).ToDictionary(),
            results.SelectMany(result => result.Memberships).ToDictionary(),
            results.SelectMany(result => result.Devices).ToDictionary());
    }

    private OracleResult Result() => new(
        _deltas.ToDictionary(deltas => deltas.Key, deltas => (IReadOnlyList<OracleDelta>)deltas.Value),
        _rows,
        _profiles.Keys.ToDictionary(key => key, _ => (IReadOnlySet<string>)new HashSet<string>()));

    /// <summary>Stores the plan and all profiles, and reads them again, into working objects that held other profiles before.</summary>
    private void Restart()
    {
        _plan = CohortPlan.Restore(_plan.ToSnapshot());
        foreach (var (key, profile) in _profiles.ToList())
        {
            ProfileCodec.Write(Encoding.UTF8.GetBytes(key), profile, _stored);
            ProfileCodec.Read(Encoding.UTF8.GetBytes(key), _stored.Written, _idle);
            (_profiles[key], _idle) = (_idle, profile);
        }
    }

    private void Apply(OracleRecord record)
    {
        if (!_reader.TryRead(record.Value, out var activity, out var error))
            throw new InvalidOperationException(error);
        switch (activity.Type)
        {
            case ActivityType.Event or ActivityType.Identify:
                ApplyActivity(record, activity);
                break;
            case ActivityType.Watermark:
                ApplyWatermark(activity);
                break;
            default:
                ApplyDefinition(record, activity);
                break;
        }
    }

    private void ApplyActivity(OracleRecord record, in ActivityRecord activity)
    {
        if (options.RecordClock && activity.Timestamp > _watermark)
            MoveWatermark(activity.Timestamp);
        if (!_profiles.TryGetValue(record.Key, out var profile))
            _profiles[record.Key] = profile = new();
        var instant = Clock.InstantOf(activity.Timestamp, _watermark, profile.LastInstant);
        Fire(record.Key, profile, instant);
        _stepper.Apply(_plan, profile, activity, instant, _transition);
        Write(record.Key, profile, record.Offset);
    }

    private void ApplyWatermark(in ActivityRecord activity)
    {
        if (activity.Until is { } until)
        {
            if (until < _watermark)
                return;
            MoveWatermark(until);
            FireAll(until + 1);
            return;
        }

        var topic = Encoding.UTF8.GetString(activity.Topic);
        _partitions[topic] = activity.PartitionCount;
        var read = System.Text.Json.JsonDocument.Parse(activity.Read.ToArray());
        foreach (var report in read.RootElement.EnumerateObject())
        {
            var place = (topic, int.Parse(report.Name, System.Globalization.CultureInfo.InvariantCulture));
            _read[place] = Math.Max(report.Value.GetInt64(), _read.GetValueOrDefault(place, long.MinValue));
        }

        if (options.RecordClock || !options.SourceTopics.All(_partitions.ContainsKey))
            return;
        var places = options.SourceTopics.SelectMany(name => Enumerable.Range(0, _partitions[name]).Select(partition => (name, partition)));
        var slowest = places.Min(place => _read.GetValueOrDefault(place, long.MinValue));
        if (slowest != long.MinValue && slowest - options.Grace > _watermark)
            MoveWatermark(slowest - options.Grace);
    }

    private void ApplyDefinition(OracleRecord record, in ActivityRecord activity)
    {
        CohortDefinition? definition = null;
        if (!activity.Definition.IsEmpty)
        {
            var parsed = DefinitionParser.Parse(activity.Definition, "a marker");
            definition = parsed.IsAccepted ? parsed.Definitions[0] : throw new InvalidOperationException(string.Join('\n', parsed.Errors));
        }

        _openChange.Add(new(Encoding.UTF8.GetString(activity.CohortId), activity.Version, definition));
        if (activity.Part < activity.Parts)
            return;
        var next = _plan.Apply([.. _openChange]);
        _openChange.Clear();
        foreach (var (key, profile) in _profiles)
        {
            var instant = Math.Max(_watermark, profile.LastInstant);
            Fire(key, profile, instant);
            _stepper.Migrate(next, profile, instant, _transition);
            Write(key, profile, record.Offset);
        }

        _plan = next;
    }

    private void MoveWatermark(long to)
    {
        _watermark = to;
        FireAll(to);
    }

    private void FireAll(long before)
    {
        foreach (var (key, profile) in _profiles)
            Fire(key, profile, before);
    }

    private void Fire(string key, Profile profile, long before)
    {
        while (profile.Exists && _stepper.TryFire(_plan, profile, before, _transition))
            Write(key, profile, offset: null);
    }

    private void Write(string key, Profile profile, long? offset)
    {
        for (var i = 0; i < _transition.Changes.Count; i++)
            WriteChange(key, profile, _transition.Changes[i], i + 1, offset);
        foreach (var rewrite in _transition.Rewrites)
            WriteRow(key, profile, rewrite.Cohort, rewrite.Membership.EnteredAt, null, rewrite.Membership.At, rewrite.Membership.Version, rewrite.Membership.ComputedAt);
    }

    private void WriteChange(string key, Profile profile, in MembershipStep change, int part, long? offset)
    {
        var isExit = change.Change == MembershipChange.Exit;
        var at = _transition.At;
        var row = WriteRow(key, profile, change.Cohort, change.EnteredAt, isExit ? at : null, at, change.Version, _transition.ComputedAt);
        Span<byte> id = stackalloc byte[DeltaId.Length];
        DeltaId.Write(Encoding.UTF8.GetBytes(key), change.Cohort.Id, change.Version, at, id);
        if (!_deltas.TryGetValue(key, out var deltas))
            _deltas[key] = deltas = [];
        deltas.Add(new()
        {
            ProfileKey = key,
            DeltaId = Encoding.UTF8.GetString(id),
            CohortId = row.CohortId,
            CohortName = Encoding.UTF8.GetString(change.Cohort.Name),
            DefinitionVersion = change.Cohort.Version,
            UserId = row.UserId,
            DeviceId = row.DeviceId,
            AmplitudeId = row.AmplitudeId,
            Change = isExit ? "exit" : "enter",
            Reason = Encoding.UTF8.GetString(DeltaReasons.Name(_transition.Reason)),
            At = at,
            EnteredAt = change.EnteredAt,
            ExitedAt = row.ExitedAt,
            ComputedAt = _transition.ComputedAt,
            FirstSeenAt = profile.FirstSeenAt,
            Version = change.Version,
            Part = part,
            Parts = _transition.Changes.Count,
            Properties = row.Properties,
            SourcePartition = offset is null ? null : Partition,
            SourceOffset = offset,
        });
    }

    private OracleMembership WriteRow(string key, Profile profile, PlannedCohort cohort, long enteredAt, long? exitedAt, long at, long version, long computedAt)
    {
        var properties = new ArrayBufferWriter<byte>();
        ExportedProperties.Write(cohort, profile.Properties, properties);
        var cohortId = Encoding.UTF8.GetString(cohort.Id);
        return _rows[(cohortId, key)] = new()
        {
            CohortId = cohortId,
            ProfileKey = key,
            In = exitedAt is null,
            EnteredAt = enteredAt,
            ExitedAt = exitedAt,
            At = at,
            Version = version,
            ComputedAt = computedAt,
            FirstSeenAt = profile.FirstSeenAt,
            UserId = Text(profile.UserId),
            DeviceId = Text(profile.DeviceId),
            AmplitudeId = ProfileKey.AmplitudeId(Encoding.UTF8.GetBytes(key)),
            Properties = CanonicalProperties.Of(properties.WrittenSpan),
        };
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
