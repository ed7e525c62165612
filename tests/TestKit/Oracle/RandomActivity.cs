using System.Globalization;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>
/// Makes up a partition of <c>activity</c> from a seed: few profiles, many records, on a coarse grid of time, so that window
/// edges, equal times, late events, duplicates, changes of definitions and watermarks meet as often as they can.
/// </summary>
public sealed class RandomActivity
{
    private const long Grid = 500;
    private const long Start = 1_772_359_200_000; // 2026-03-01T10:00:00Z
    private const int RecordsMax = 60;

    private static readonly string[] EventTypes = ["view", "cart", "buy"];
    private static readonly string[] CohortIds = ["a", "b", "c", "d"];

    private readonly Random _random;
    private readonly string[] _profiles;
    private readonly ActivityScript _script = new();
    private readonly List<Action> _repeatable = [];
    private readonly Dictionary<string, int> _versions = [];
    private readonly HashSet<string> _live = [];
    private readonly List<string> _usedClauses = [];
    private long _now = Start;

    private RandomActivity(int seed, OracleOptions? options, string partition)
    {
        _random = new(seed);
        _profiles = [$"u:ada{partition}", $"u:bob{partition}", $"d:phone{partition}"];
        Options = options ?? new()
        {
            RecordClock = Chance(50),
            SourceTopics = Chance(50) ? ["events"] : ["events", "identifies"],
            Grace = Chance(50) ? 1000 : 0,
        };
    }

    public OracleOptions Options { get; }

    public IReadOnlyList<OracleRecord> Records => _script.Records;

    public static RandomActivity Generate(int seed) => Generate(seed, options: null, partition: "");

    /// <summary>One of several partitions under the same options: its profiles are named after it, so that no other has them.</summary>
    public static RandomActivity Generate(int seed, OracleOptions? options, string partition)
    {
        var activity = new RandomActivity(seed, options, partition);
        activity.Fill();
        return activity;
    }

    private void Fill()
    {
        if (Chance(90))
            ChangeDefinitions();
        var count = _random.Next(RecordsMax / 4, RecordsMax + 1);
        for (var i = 0; i < count; i++)
            Step();
        if (Chance(80))
            _script.Until(_now + (Grid * _random.Next(-4, 20)));
        if (Chance(20))
            AddEvent();
    }

    private void Step()
    {
        _now += Grid * Pick(0, 0, 0, 1, 1, 2, 5);
        switch (_random.Next(100))
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
            var isDeleted = _live.Contains(cohortId) && Chance(20);
            _script.DefinePart(change, part, cohorts.Length, cohortId, version, isDeleted ? null : Definition(cohortId));
            if (isDeleted)
                _live.Remove(cohortId);
            else
                _live.Add(cohortId);
            if (part < cohorts.Length && Chance(20))
                AddEvent();
        }
    }

    private string Definition(string id)
    {
        var exported = Chance(50) ? $",\"export_properties\":{Pick("[\"plan\"]", "[\"score\",\"tags\"]", "[\"*\"]")}" : "";
        var name = Chance(30) ? $",\"name\":\"Cohort {id} {_random.Next(10)}\"" : "";
        return $$"""{"id":"{{id}}"{{name}}{{exported}},"where":{{Clause(3)}}}""";
    }

    /// <summary>A clause; sometimes one that another definition had, so that its behaviors are shared and outlive a change.</summary>
    private string Clause(int depth)
    {
        if (_usedClauses.Count > 0 && Chance(30))
            return Pick(_usedClauses.ToArray());
        var clause = _random.Next(depth > 0 ? 10 : 6) switch
        {
            < 5 => Did(),
            < 6 => Property(),
            < 7 => $$"""{"not":{{Clause(depth - 1)}}}""",
            < 9 => $$"""{"all":[{{Clause(depth - 1)}},{{Clause(depth - 1)}}]}""",
            _ => $$"""{"any":[{{Clause(depth - 1)}},{{Clause(depth - 1)}}]}""",
        };
        _usedClauses.Add(clause);
        return clause;
    }

    private string Did()
    {
        var types = Pick("\"view\"", "\"cart\"", "\"buy\"", "[\"view\",\"cart\"]", "\"*\"");
        var where = Chance(35) ? $",\"where\":{Filter()}" : "";
        var within = Chance(75) ? $",\"within\":\"{_random.Next(1, 6)}s\"" : "";
        var count = Chance(75) ? $",\"count\":{Bound()}" : "";
        return $$$"""{"did":{"event":{{{types}}}{{{where}}}{{{within}}}{{{count}}}}}""";
    }

    private string Bound()
    {
        var operand = _random.Next(4);
        return Pick("at_least", "at_most", "more_than", "less_than", "exactly", "between") switch
        {
            "between" => $$"""{"between":[{{operand}},{{operand + _random.Next(3)}}]}""",
            var name => $$"""{"{{name}}":{{operand}}}""",
        };
    }

    private string Filter() => Pick(
        """{"category":"shoes"}""",
        """{"category":["shoes",2]}""",
        """{"category":{"is_not":"shoes"}}""",
        """{"price":{"at_least":2}}""",
        """{"price":{"between":[1,2.5]},"category":{"exists":true}}""",
        """{"price":{"exists":false}}""",
        """{"products.sku":{"in":["x","1"]}}""",
        """{"cart.total":{"more_than":1,"less_than":3}}""",
        """{"/products/0/sku":"x"}""",
        """{"$platform":"web"}""",
        """{"any":[{"category":"shoes"},{"price":{"less_than":2}}]}""",
        """{"not":{"category":{"not_in":["shoes","bags"]}}}""");

    private string Property() => $$"""{"property":{{Pick(
        """{"name":"plan","is":"pro"}""",
        """{"name":"plan","not_in":["pro","trial"]}""",
        """{"name":"plan","exists":true}""",
        """{"name":"score","at_least":2}""",
        """{"name":"score","less_than":3,"more_than":0}""",
        """{"name":"tags","in":["x",1]}""",
        """{"name":"tags","exists":false}""",
        """{"name":"address.city","is":"Berlin"}""")}}}""";

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
        """{"category":"Sch\u00f6n \u20ac \ud83d\ude00 \"quoted\" \\ /","price":1e0}""");

    private string Operations()
    {
        var operations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            var (name, operands) = Pick(
                ("$set", Pick("""{"plan":"pro"}""", """{"plan":"trial","score":1}""", """{"score":"2"}""", """{"tags":["x"]}""", """{"tags":"x"}""", """{"plan":null}""", """{"address":{"city":"Berlin"}}""", """{"address":[{"city":"Berlin"},{"city":"Rome"}]}""")),
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
    private long Timestamp() => _now - (Grid * Pick(0, 0, 0, 0, 1, 3, 8));

    private long? PayloadTime() => Chance(50) ? _now - (Grid * Pick(0, 0, 1, 2, 4, 9, 40, -3)) : null;

    private string? InsertId() => Chance(40) ? $"id-{_random.Next(6).ToString(CultureInfo.InvariantCulture)}" : null;

    private string? Device(string profile) => profile.StartsWith('u') && Chance(20) ? Pick("phone", "tablet") : null;

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
