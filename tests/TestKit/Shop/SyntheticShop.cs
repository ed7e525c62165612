using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CohortPipeline.TestKit.Shop;

/// <summary>A record as a producer publishes it.</summary>
/// <param name="Key">The producer's key; null: none.</param>
/// <param name="Time">The record's own time, epoch milliseconds.</param>
/// <param name="TraceParent">The trace that the producer was in; null: none.</param>
public sealed record ProducedRecord(string Topic, string? Key, string Value, long Time, string? TraceParent = null);

/// <summary>
/// A shop made up from a seed: events and identify calls in every shape, some late, some twice, some that are no records at
/// all. The same seed and times give the same records.
/// </summary>
public sealed class SyntheticShop(int seed, int users)
{
    private const int PartsPerMille = 1000;
    private const int RecentMax = 50;

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Categories = ["shoes", "bags", "hats", "Bücher"];
    private static readonly string[] Plans = ["free", "trial", "pro"];

    private readonly Random _random = new(seed);
    private readonly List<ProducedRecord> _recent = [];
    private int _number;

    /// <summary>Cohorts whose members come and go within seconds, by events, by identify calls and by time alone.</summary>
    public static IReadOnlyList<string> CohortsOfSeconds { get; } =
    [
        """
        id: active
        name: Active now
        export_properties: [plan, city]
        where:
          did: { event: "*", within: 2s }
        """,
        """
        id: viewers
        where:
          all:
            - did: { event: product_viewed, where: { category: { in: [shoes, bags] } }, count: { at_least: 2 }, within: 3s }
            - not: { did: { event: order_completed, within: 3s } }
        """,
        """
        id: cart-left
        export_properties: ["*"]
        where:
          all:
            - did: { event: cart_added, within: 4s }
            - not: { did: { event: product_viewed, within: 1s } }
        """,
        """
        id: pro-buyers
        export_properties: [plan]
        where:
          all:
            - property: { name: plan, is: pro }
            - did: { event: order_completed }
        """,
        """
        id: never-bought
        where:
          not: { did: { event: order_completed } }
        """,
        """
        id: big-basket
        where:
          any:
            - did: { event: order_completed, where: { value: { at_least: 80 } }, within: 3s }
            - did: { event: cart_added, count: { between: [2, 3] }, within: 2s }
        """,
    ];

    /// <summary>The same shop's cohorts for records that lie minutes apart.</summary>
    public static IReadOnlyList<string> CohortsOfMinutes { get; } =
        [.. CohortsOfSeconds.Select(cohort => Regex.Replace(cohort, @"within: (\d)s", "within: $1m", RegexOptions.None, PatternTimeout))];

    /// <summary>The same shop's cohorts for records that lie hours and days apart.</summary>
    public static IReadOnlyList<string> CohortsOfHours { get; } =
        [.. CohortsOfSeconds.Select(cohort => cohort.Replace("within: 1s", "within: 20m", StringComparison.Ordinal).Replace("within: 2s", "within: 2h", StringComparison.Ordinal)
            .Replace("within: 3s", "within: 6h", StringComparison.Ordinal).Replace("within: 4s", "within: 1d", StringComparison.Ordinal))];

    /// <summary>The next records, spread evenly from one instant to another.</summary>
    /// <param name="withJunk">Also what no reader takes for a record.</param>
    public IEnumerable<ProducedRecord> Records(int count, long from, long to, bool withJunk)
    {
        for (var i = 0; i < count; i++)
        {
            var time = from + ((to - from) * i / count);
            yield return Next(time, withJunk);
        }
    }

    private ProducedRecord Next(long time, bool withJunk)
    {
        var record = _random.Next(PartsPerMille) switch
        {
            < 15 when withJunk => Junk(time),
            < 40 when _recent.Count > 0 => _recent[_random.Next(_recent.Count)] with { Time = time },
            < 150 => Identify(time),
            < 170 when withJunk => Batch(time),
            _ => Event(time, withJunk),
        };
        if (_recent.Count == RecentMax)
            _recent.RemoveAt(0);
        _recent.Add(record);
        return record;
    }

    private ProducedRecord Event(long time, bool mayBeLate)
    {
        var (user, type) = (User(), EventType());
        var own = mayBeLate && Chance(10) ? time - _random.Next(5_000) : time;
        var json = _random.Next(3) switch
        {
            0 => new JsonObject { ["event"] = type, ["user_id"] = user, ["time"] = own, ["insert_id"] = InsertId(), ["properties"] = Properties(type) },
            1 => new JsonObject { ["event_type"] = type, ["user_id"] = user, ["time"] = own, ["insert_id"] = InsertId(), ["event_properties"] = Properties(type), ["platform"] = "web" },
            _ => new JsonObject { ["type"] = "track", ["event"] = type, ["userId"] = user, ["timestamp"] = Rfc3339(own), ["messageId"] = InsertId(), ["properties"] = Properties(type) },
        };
        return Record("events", user, json, time);
    }

    private ProducedRecord Identify(long time)
    {
        var user = User();
        var json = _random.Next(3) switch
        {
            0 => new JsonObject { ["identify"] = new JsonObject { ["plan"] = Pick(Plans), ["city"] = "Köln" }, ["user_id"] = user, ["time"] = time, ["insert_id"] = InsertId() },
            1 => new JsonObject
            {
                ["event_type"] = "$identify",
                ["user_id"] = user,
                ["time"] = time,
                ["insert_id"] = InsertId(),
                ["user_properties"] = new JsonObject { ["$set"] = new JsonObject { ["plan"] = Pick(Plans) }, ["$add"] = new JsonObject { ["visits"] = 1 } },
            },
            _ => new JsonObject { ["type"] = "identify", ["userId"] = user, ["timestamp"] = Rfc3339(time), ["messageId"] = InsertId(), ["traits"] = new JsonObject { ["plan"] = Pick(Plans) } },
        };
        return Record("identifies", user, json, time);
    }

    private ProducedRecord Batch(long time)
    {
        var events = new JsonArray();
        for (var i = 0; i < 3; i++)
            events.Add(new JsonObject { ["event_type"] = EventType(), ["user_id"] = i == 2 && Chance(30) ? "" : User(), ["time"] = time, ["insert_id"] = InsertId() });
        return Record("events", null, new() { ["api_key"] = "none", ["events"] = events }, time);
    }

    private ProducedRecord Junk(long time) => new("events", Chance(50) ? "junk" : null, Pick([
        "no json",
        "{\"event\":\"product_viewed\"",
        "{\"event\":\"product_viewed\",\"properties\":{}}",
        "{\"event\":\"product_viewed\",\"user_id\":\"anonymous\"}",
        "{\"event_type\":\"product_viewed\",\"user_id\":\"ada\",\"time\":\"yesterday\"}",
        "{\"event_type\":\"$identify\",\"user_id\":\"ada\",\"user_properties\":{\"$set\":{\"a\":1},\"b\":2}}",
        "[1,2,3]",
        "{\"hello\":\"world\"}",
    ]), time);

    private JsonObject Properties(string type) => type == "order_completed"
        ? new() { ["value"] = _random.Next(10, 150), ["currency"] = "EUR" }
        : new() { ["category"] = Pick(Categories), ["price"] = _random.Next(1, 100) + 0.5 };

    private string EventType() => _random.Next(10) switch
    {
        < 6 => "product_viewed",
        < 9 => "cart_added",
        _ => "order_completed",
    };

    private string User() => $"user-{_random.Next(users)}";

    /// <summary>Most records have one; its number makes it the record's own.</summary>
    private string? InsertId() => Chance(80) ? $"{seed}-{++_number}" : null;

    private bool Chance(int percent) => _random.Next(100) < percent;

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];

    private static ProducedRecord Record(string topic, string? key, JsonObject json, long time) => new(topic, key, json.ToJsonString(Relaxed), time);

    private static string Rfc3339(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
