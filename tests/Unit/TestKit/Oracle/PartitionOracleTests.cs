using CohortPipeline.TestKit.Oracle;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Oracle;

/// <summary>The oracle itself, against deltas found by hand from the text of the specification.</summary>
public sealed class PartitionOracleTests
{
    private const long Second = 1000;
    private const long Hour = 3600 * Second;
    private const long Day = 24 * Hour;
    private const long Start = 1_772_359_200_000; // 2026-03-01T10:00:00Z

    private static readonly OracleOptions RecordClock = new() { RecordClock = true, SourceTopics = ["events"] };
    private static readonly OracleOptions WallClock = new() { RecordClock = false, SourceTopics = ["events", "identifies"] };

    [Fact]
    public void Enters_at_the_third_view_and_leaves_when_the_first_one_is_a_week_old()
    {
        var deltas = new ActivityScript()
            .Define(("high-intent", 1, """
                {"id":"high-intent","name":"High intent","export_properties":["plan","city"],"where":{"all":[
                  {"did":{"event":"product_viewed","where":{"category":{"in":["shoes","bags"]}},"count":{"at_least":3},"within":"7d"}},
                  {"not":{"did":{"event":"order_completed","within":"7d"}}},
                  {"property":{"name":"plan","is":"pro"}}]}}
                """))
            .Event("u:ada", "product_viewed", Start, properties: """{"category":"shoes"}""", device: "phone")
            .Identify("u:ada", """{"$set":{"plan":"pro"}}""", Start)
            .Event("u:ada", "product_viewed", Start + Day, properties: """{"category":"bags"}""")
            .Event("u:ada", "product_viewed", Start + (2 * Day), properties: """{"category":["bags"]}""")
            .Until(Start + (8 * Day))
            .Run(RecordClock).Deltas["u:ada"];

        var enter = new OracleDelta
        {
            ProfileKey = "u:ada",
            DeltaId = deltas[0].DeltaId,
            CohortId = "high-intent",
            CohortName = "High intent",
            DefinitionVersion = 1,
            UserId = "ada",
            DeviceId = "phone",
            AmplitudeId = deltas[0].AmplitudeId,
            Change = "enter",
            Reason = "event",
            At = Start + (2 * Day),
            EnteredAt = Start + (2 * Day),
            ComputedAt = (Start + (2 * Day)) / 1000,
            FirstSeenAt = Start,
            Version = 1,
            Part = 1,
            Parts = 1,
            Properties = """{"plan":"pro"}""",
            SourcePartition = 0,
            SourceOffset = 4,
        };
        var exit = enter with
        {
            DeltaId = deltas[1].DeltaId,
            Change = "exit",
            Reason = "schedule",
            At = Start + (7 * Day),
            ExitedAt = Start + (7 * Day),
            ComputedAt = (Start + (7 * Day)) / 1000,
            Version = 2,
            SourcePartition = null,
            SourceOffset = null,
        };
        Assert.Equal([enter, exit], deltas);
        Assert.All(deltas, delta => Assert.Equal(22, delta.DeltaId.Length));
    }

    [Fact]
    public void Somebody_who_comes_back_every_hour_never_leaves_a_window_of_one_hour()
    {
        var script = new ActivityScript().Define(("hourly", 1, """{"id":"hourly","where":{"did":{"event":"view","within":"1h"}}}"""));
        for (var hour = 0; hour < 5; hour++)
            script.Event("u:ada", "view", Start + (hour * Hour));
        Assert.Equal([("enter", Start), ("exit", Start + (5 * Hour))], Changes(script.Until(Start + (5 * Hour)).Run(RecordClock), "u:ada"));
    }

    [Fact]
    public void Time_alone_waits_for_the_slowest_source_partition()
    {
        var script = new ActivityScript()
            .Define(("recent", 1, """{"id":"recent","where":{"did":{"event":"view","within":"1h"}}}"""))
            .Event("u:ada", "view", Start)
            .Watermark("events", 2, (0, Start + (3 * Hour)))
            .Watermark("identifies", 1, (0, Start + (3 * Hour)));
        Assert.Equal([("enter", Start)], Changes(script.Run(WallClock), "u:ada"));

        script.Watermark("events", 2, (1, Start + Hour + Second));
        Assert.Equal([("enter", Start)], Changes(script.Run(WallClock), "u:ada"));

        script.Watermark("events", 2, (1, Start + Hour + Second + 1));
        Assert.Equal([("enter", Start), ("exit", Start + Hour)], Changes(script.Run(WallClock), "u:ada"));
    }

    [Fact]
    public void A_record_behind_the_watermark_happens_at_the_watermark_with_its_own_time()
    {
        var result = new ActivityScript()
            .Define(("once", 1, """{"id":"once","where":{"did":{"event":"view","within":"1h"}}}"""))
            .Watermark("events", 1, (0, Start + Hour))
            .Watermark("identifies", 1, (0, Start + Hour))
            .Event("u:ada", "view", Start, time: Start - Second)
            .Event("u:bob", "view", Start, time: Start - Second + 1)
            .Watermark("events", 1, (0, Start + (2 * Hour)))
            .Watermark("identifies", 1, (0, Start + (2 * Hour)))
            .Run(WallClock);
        Assert.False(result.Deltas.ContainsKey("u:ada")); // it left its window at that very instant: never a member
        Assert.Equal([("enter", Start + Hour - Second), ("exit", Start + Hour - Second + 1)], Changes(result, "u:bob"));
    }

    [Fact]
    public void A_remembered_event_that_comes_again_changes_nothing()
    {
        var result = new ActivityScript()
            .Define(("twice", 1, """{"id":"twice","where":{"did":{"event":"view","count":{"at_least":2}}}}"""))
            .Event("u:ada", "view", Start, time: Start, insertId: "one")
            .Event("u:ada", "view", Start + Second, time: Start, insertId: "one")
            .Event("u:ada", "view", Start + (2 * Second), insertId: "one")
            .Event("u:ada", "view", Start + (3 * Second), time: Start + 1, insertId: "one")
            .Run(RecordClock);
        Assert.Equal([("enter", Start + (3 * Second))], Changes(result, "u:ada"));
    }

    [Fact]
    public void A_change_set_moves_profiles_at_its_last_part_and_new_behaviors_start_empty()
    {
        const string Viewed = """{"id":"viewed","where":{"did":{"event":"view","count":{"at_least":1}}}}""";
        const string NotBought = """{"id":"not-bought","where":{"not":{"did":{"event":"buy"}}}}""";
        const string ViewedAlike = """{"id":"viewed-alike","where":{"did":{"event":["view"]}}}""";
        var result = new ActivityScript()
            .Define(("viewed", 1, Viewed))
            .Event("u:ada", "view", Start)
            .Event("u:ada", "buy", Start)
            .DefinePart("set", 1, 2, "not-bought", 1, NotBought)
            .Event("u:ada", "view", Start + Second)
            .DefinePart("set", 2, 2, "viewed-alike", 1, ViewedAlike)
            .Define(("viewed", 2, null))
            .Run(RecordClock);
        var deltas = result.Deltas["u:ada"];
        Assert.Equal(
            [("enter", "viewed", "event", 1, 1), ("enter", "not-bought", "definition", 1, 2), ("enter", "viewed-alike", "definition", 2, 2), ("exit", "viewed", "definition", 1, 1)],
            deltas.Select(delta => (delta.Change, delta.CohortId, delta.Reason, delta.Part, delta.Parts)));
        Assert.Equal([1L, 5L, 5L, 6L], deltas.Select(delta => delta.SourceOffset!.Value));
        Assert.Equal([Start / 1000, (Start / 1000) + 1, (Start / 1000) + 1, (Start / 1000) + 2], deltas.Select(delta => delta.ComputedAt));
    }

    [Fact]
    public void A_members_row_follows_the_properties_that_it_exports()
    {
        var result = new ActivityScript()
            .Define(("all", 1, """{"id":"all","export_properties":["plan"],"where":{"not":{"did":{"event":"gone"}}}}"""))
            .Identify("u:ada", """{"$set":{"plan":"free","other":1}}""", Start)
            .Identify("u:ada", """{"$set":{"plan":"pro"}}""", Start + Second)
            .Identify("u:ada", """{"$set":{"other":2}}""", Start + Second, device: "phone")
            .Run(RecordClock);
        var row = result.Memberships[("all", "u:ada")];
        Assert.Equal(("""{"plan":"pro"}""", Start, 1L, null), (row.Properties, row.At, row.Version, row.DeviceId));
        Assert.Equal("""{"plan":"free"}""", Assert.Single(result.Deltas["u:ada"]).Properties);
    }

    private static IEnumerable<(string Change, long At)> Changes(OracleResult result, string profile) =>
        result.Deltas[profile].Select(delta => (delta.Change, delta.At));
}
