using System.Globalization;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>
/// Makes up a partition of <c>activity</c> from a seed: few profiles, many records, on a coarse grid of time, so that window
/// edges, equal times, late events, duplicates, changes of definitions, of clocks and watermarks meet as often as they can.
/// Now and then it is one busy profile, of which definitions count many events: of these runs of sequences cannot all be tried.
/// </summary>
public sealed class RandomActivity
{
    private const int RecordsMax = 40;
    private const int BusyRecordsMax = 120;

    private static readonly string[] EventTypes = ["view", "cart", "buy"];
    private static readonly string[] CohortIds = ["a", "b", "c", "d"];

    private readonly Random _random;
    private readonly string[] _profiles;
    private readonly ActivityScript _script = new();
    private readonly List<Action> _repeatable = [];
    private readonly Dictionary<string, int> _versions = [];
    private readonly Dictionary<string, IReadOnlySet<string>> _live = [];
    private readonly RandomTimes _times;
    private readonly RandomDefinitions _definitions;
    private readonly string[] _ranks;
    private readonly bool _isBusy;
    private long _now;

    private RandomActivity(int seed, OracleOptions? options, string partition, LanguageFeatures features)
    {
        _random = new(seed);
        _times = new(_random);
        _isBusy = Chance(2);
        _definitions = _isBusy ? new(_random, _times, features & ~LanguageFeatures.Sequences, countsMany: true) : new(_random, _times, features);
        _ranks = [.. CohortIds.OrderBy(_ => _random.Next())];
        _now = _times.Start;
        _profiles = _isBusy ? [$"u:ada{partition}"] : [$"u:ada{partition}", $"u:bob{partition}", $"d:phone{partition}"];
        IsInOrder = options is null && Chance(15);
        Options = options ?? new()
        {
            RecordClock = IsInOrder || Chance(50),
            SourceTopics = Chance(50) ? ["events"] : ["events", "identifies"],
            Grace = Chance(50) ? 1000 : 0,
            RememberedEventsMax = Chance(30) ? _random.Next(1, 5) : 1000,
        };
    }

    public OracleOptions Options { get; }

    /// <summary>Records come in order of their timestamps, definitions before all, and time ends at an instant after all: then the deltas of a profile do not depend on what others share its partition.</summary>
    public bool IsInOrder { get; }

    public IReadOnlyList<OracleRecord> Records => _script.Records;

    private long Grid => _times.Grid;

    public static RandomActivity Generate(int seed, LanguageFeatures features = LanguageFeatures.Known) => Generate(seed, options: null, partition: "", features);

    /// <summary>One of several partitions under the same options: its profiles are named after it, so that no other has them.</summary>
    public static RandomActivity Generate(int seed, OracleOptions? options, string partition, LanguageFeatures features = LanguageFeatures.Known)
    {
        var activity = new RandomActivity(seed, options, partition, features);
        activity.Fill();
        return activity;
    }

    private void Fill()
    {
        if (IsInOrder || Chance(90))
            ChangeDefinitions();
        var max = _isBusy ? BusyRecordsMax : RecordsMax;
        var count = _random.Next(max / 4, max + 1);
        for (var i = 0; i < count; i++)
            Step();
        if (IsInOrder || Chance(80))
            _script.Until(_now + (Grid * (Chance(80) ? _random.Next(IsInOrder ? 0 : -4, 20) : 400)));
        if (!IsInOrder && Chance(20))
            AddEvent();
    }

    private void Step()
    {
        _now += Grid * Pick(0, 0, 0, 1, 1, 2, 5);
        if (_isBusy && Chance(70))
        {
            AddEvent();
            return;
        }

        switch (_random.Next(IsInOrder ? 75 : 100))
        {
            case < 50: AddEvent(); break;
            case < 65: AddIdentify(); break;
            case < 75: Repeat(); break;
            case < 95: AddWatermark(); break;
            case < 96: _script.Until(_now + (Grid * _random.Next(-4, 5))); break;
            default: ChangeDefinitions(); break;
        }
    }

    private void AddEvent()
    {
        var (profile, type, time, insertId) = (Pick(_profiles), Pick(EventTypes), PayloadTime(), InsertId());
        var (properties, context) = (Chance(60) ? EventProperties() : null, Chance(20) ? Pick("""{"platform":"web"}""", """{"platform":"ios"}""") : null);
        var (operations, device) = (Chance(10) ? Operations() : null, Device(profile));
        void Add() => _script.Event(profile, type, Timestamp(), time, insertId, properties, context, operations, device);
        Add();
        _repeatable.Add(Add);
    }

    private void AddIdentify()
    {
        var (profile, operations, insertId) = (Pick(_profiles), Operations(), InsertId());
        var device = Device(profile);
        void Add() => _script.Identify(profile, operations, Timestamp(), insertId, device);
        Add();
        _repeatable.Add(Add);
    }

    /// <summary>The same call again, later: a duplicate if it had an insert id.</summary>
    private void Repeat()
    {
        if (_repeatable.Count > 0)
            Pick(_repeatable.TakeLast(8).ToArray())();
    }

    private void AddWatermark()
    {
        var topic = Pick("events", "identifies");
        var partitions = topic == "events" ? 2 : 1;
        var time = _now + (Grid * Pick(-2, 0, 0, 1, 2));
        if (partitions == 1 || Chance(60))
            _script.Watermark(topic, partitions, [.. Enumerable.Range(0, partitions).Select(partition => (partition, time + (Grid * Pick(0, 0, 1))))]);
        else
            _script.Watermark(topic, partitions, (_random.Next(partitions), time));
    }

    private void ChangeDefinitions()
    {
        var change = $"set-{_script.Records.Count}";
        var cohorts = CohortIds.OrderBy(_ => _random.Next()).Take(_random.Next(1, CohortIds.Length + 1)).ToArray();
        for (var part = 1; part <= cohorts.Length; part++)
        {
            var cohortId = cohorts[part - 1];
            var version = _versions[cohortId] = _versions.GetValueOrDefault(cohortId) + 1;
            var isDeleted = _live.ContainsKey(cohortId) && Chance(20) && !_live.Values.Any(named => named.Contains(cohortId));
            IReadOnlySet<string> named = new HashSet<string>();
            _script.DefinePart(change, part, cohorts.Length, cohortId, version, isDeleted ? null : _definitions.Next(cohortId, MayName(cohortId), out named));
            if (isDeleted)
                _live.Remove(cohortId);
            else
                _live[cohortId] = named;
            if (part < cohorts.Length && !IsInOrder && Chance(20))
                AddEvent();
        }
    }

    /// <summary>Live cohorts of lower rank, so that none names itself by way of others; the order of ids says nothing about it.</summary>
    private string[] MayName(string cohortId) => [.. _ranks.TakeWhile(other => other != cohortId).Where(_live.ContainsKey)];

    private string EventProperties() => Pick(
        """{"category":"shoes"}""",
        """{"category":"shoes","price":2}""",
        """{"category":["bags","shoes",null,["shoes"]],"price":"2.50"}""",
        """{"category":null,"price":1.5}""",
        """{"price":-1,"cart":{"total":2}}""",
        """{"cart":{"total":1},"cart.total":"2.0"}""",
        """{"products":[{"sku":"x"},{"sku":1},"x"]}""",
        """{"products":[{"sku":"y"}],"price":true}""",
        """{"category":2.0}""",
        $$"""{"category":{{RandomValues.Any(_random)}},"price":{{RandomValues.Any(_random)}}}""",
        $$"""{"products":{{RandomValues.Any(_random)}},"cart":{{RandomValues.Any(_random)}}}""",
        $$"""{"category":{{RandomValues.Any(_random)}},"price":{{RandomValues.Scalar(_random)}},"products":{{RandomValues.Any(_random)}}}""");

    private string Operations()
    {
        var operations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            var (name, operands) = Pick(
                ("$set", Pick("""{"plan":"pro"}""", """{"plan":"trial","score":1}""", """{"score":"2"}""", """{"tags":["x"]}""", """{"tags":"x"}""", """{"plan":null}""", """{"address":{"city":"Berlin"}}""", """{"address":[{"city":"Berlin"},{"city":"Rome"}]}""")),
                ("$set", Pick($$"""{"at":{{_times.Value()}}}""", $$"""{"plan":{{RandomValues.Any(_random)}},"score":{{RandomValues.Any(_random)}}}""", $$"""{"at":{{_times.Value()}},"address":{{RandomValues.Any(_random)}}}""")),
                ("$setOnce", Pick("""{"plan":"free"}""", """{"score":1.50,"tags":[]}""")),
                ("$add", Pick("""{"score":1}""", """{"score":"-0.5"}""", """{"plan":1}""")),
                ("$unset", Pick("""{"plan":"-"}""", """{"score":"-","tags":"-"}""")),
                ("$append", Pick("""{"tags":"y"}""", """{"tags":["x",1]}""", """{"plan":"y"}""")),
                ("$prepend", Pick("""{"tags":["y","z"]}""", """{"tags":null}""")),
                ("$preInsert", Pick("""{"tags":["x","1"]}""", """{"tags":"w"}""")),
                ("$postInsert", Pick("""{"tags":[1,1,{"k":1}]}""", """{"tags":"x"}""")),
                ("$remove", Pick("""{"tags":"x"}""", """{"tags":["1",{"k":1}]}""", """{"plan":"pro"}""")),
                ("$clearAll", "\"-\""));
            operations[name] = operands;
        }

        return "{" + string.Join(',', operations.Select(operation => $"\"{operation.Key}\":{operation.Value}")) + "}";
    }

    /// <summary>Mostly now, sometimes before what was read already.</summary>
    private long Timestamp() => IsInOrder ? _now : _now - (Grid * Pick(0, 0, 0, 0, 1, 3, 8));

    private long? PayloadTime() => Chance(50) ? _now - (Grid * Pick(0, 0, 1, 2, 4, 9, 40, -3)) : null;

    private string? InsertId() => Chance(40) ? $"id-{_random.Next(6).ToString(CultureInfo.InvariantCulture)}" : null;

    private string? Device(string profile) => profile.StartsWith('u') && Chance(20) ? Pick("phone", "tablet") : null;

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
