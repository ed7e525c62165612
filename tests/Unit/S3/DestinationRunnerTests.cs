using System.Collections.Concurrent;
using System.Diagnostics;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Tests.Unit.Telemetry;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

[Collection(ListeningTests.Name)]
public sealed class DestinationRunnerTests
{
    private const string Header = "amplitudeID,userID\r\n";

    [Fact]
    public async Task Publishes_three_files_and_then_the_manifest_at_the_boundary()
    {
        await using var bench = new SinkBench("2026-03-01T00:10:00Z");
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination("buyers"));

        bench.Settle();
        Assert.Empty(bench.Store.Objects);

        bench.AdvanceTo("2026-03-01T01:00:00Z");
        Assert.Equal(
            [
                "0_buyers_2026-03-01T01-00-00_entering.csv",
                "0_buyers_2026-03-01T01-00-00_exiting.csv",
                "0_buyers_2026-03-01T01-00-00_existing.csv",
                "0_buyers_2026-03-01T01-00-00_manifest.json",
            ],
            bench.Store.Created);
        Assert.Equal(["ada"], Users(bench, "01", "entering"));
        Assert.Equal(Header, bench.Store.TextOf("0_buyers_2026-03-01T01-00-00_exiting.csv"));
        Assert.Equal(Header, bench.Store.TextOf("0_buyers_2026-03-01T01-00-00_existing.csv"));
    }

    [Fact]
    public async Task Lists_who_came_who_went_and_who_was_there_since_the_last_sync()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        foreach (var user in new[] { "ada", "bob", "cy" })
            bench.Row("buyers", user, isIn: true);
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");

        bench.Row("buyers", "dee", isIn: true);
        bench.Row("buyers", "ada", isIn: false);
        bench.Row("buyers", "bob", isIn: false);
        bench.Row("buyers", "bob", isIn: true);
        bench.Row("buyers", "eve", isIn: true);
        bench.Row("buyers", "eve", isIn: false);
        bench.AdvanceTo("2026-03-01T02:00:00Z");

        Assert.Equal(["dee"], Users(bench, "02", "entering"));
        Assert.Equal(["ada"], Users(bench, "02", "exiting"));
        Assert.Equal(["ada", "bob", "cy"], Users(bench, "02", "existing"));

        bench.AdvanceTo("2026-03-01T03:00:00Z");
        Assert.Empty(Users(bench, "03", "entering"));
        Assert.Empty(Users(bench, "03", "exiting"));
        Assert.Equal(["bob", "cy", "dee"], Users(bench, "03", "existing"));
    }

    [Fact]
    public async Task Existing_leaves_out_who_is_exiting_where_it_is_to_list_who_stayed()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Row("buyers", "bob", isIn: true);
        bench.Start(SinkBench.Destination("buyers") with { Existing = ExistingMembers.Stayed });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.Row("buyers", "ada", isIn: false);
        bench.AdvanceTo("2026-03-01T02:00:00Z");

        Assert.Equal(["ada"], Users(bench, "02", "exiting"));
        Assert.Equal(["bob"], Users(bench, "02", "existing"));
    }

    [Fact]
    public async Task A_forgotten_user_is_exiting_once_with_the_last_known_columns()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"pro"}""");
        bench.Start(SinkBench.Destination("buyers") with { UserProperties = ["plan"] });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.Forget("buyers", "ada");
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        bench.AdvanceTo("2026-03-01T03:00:00Z");

        Assert.EndsWith(",ada,pro\r\n", bench.Store.TextOf("0_buyers_2026-03-01T02-00-00_exiting.csv"), StringComparison.Ordinal);
        Assert.Empty(Users(bench, "03", "exiting"));
        Assert.Empty(Users(bench, "03", "existing"));
    }

    [Fact]
    public async Task Columns_are_as_of_the_sync()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"free"}""");
        bench.Start(SinkBench.Destination("buyers") with { UserProperties = ["plan"] });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"pro"}""");
        bench.AdvanceTo("2026-03-01T02:00:00Z");

        Assert.EndsWith(",ada,free\r\n", bench.Store.TextOf("0_buyers_2026-03-01T01-00-00_entering.csv"), StringComparison.Ordinal);
        Assert.EndsWith(",ada,pro\r\n", bench.Store.TextOf("0_buyers_2026-03-01T02-00-00_existing.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_time_sync_without_changes_is_skipped()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"free"}""");
        bench.Start(SinkBench.Destination("buyers") with { Cadence = Cadence.RealTime, SyncInterval = TimeSpan.FromSeconds(5) });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T00:00:05Z");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"pro"}""");
        bench.AdvanceTo("2026-03-01T00:00:10Z");
        Assert.Equal(4, bench.Store.Created.Count);

        bench.Row("buyers", "bob", isIn: true);
        bench.AdvanceTo("2026-03-01T00:00:15Z");
        Assert.Equal(8, bench.Store.Created.Count);
        Assert.Contains("0_buyers_2026-03-01T00-00-15_entering.csv", bench.Store.Objects.Keys);
    }

    [Fact]
    public async Task A_boundary_that_falls_due_while_a_real_time_sync_runs_is_joined_to_the_next()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination("buyers") with { Cadence = Cadence.RealTime, SyncInterval = TimeSpan.FromSeconds(5) });
        bench.Settle();
        bench.Store.AnswerNext(StoreAnswer.TryAgain("SlowDown", ""));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 0, 0, 5, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Store.Asked.Count == 1);
        bench.Row("buyers", "bob", isIn: true);

        // The sync of :05 ends at :17, over :10 and :15.
        bench.AdvanceTo("2026-03-01T00:00:17Z");
        Assert.Equal(["ada"], Users(bench, "00-05", "entering"));
        Assert.Equal(4, bench.Store.Created.Count);

        bench.AdvanceTo("2026-03-01T00:00:20Z");
        Assert.Equal(["bob"], Users(bench, "00-20", "entering"));
    }

    [Theory]
    [InlineData(CatchUp.Newest, 1)]
    [InlineData(CatchUp.All, 3)]
    public async Task Boundaries_that_were_missed_while_down_are_caught_up_with(CatchUp catchUp, int syncs)
    {
        var destination = SinkBench.Destination("buyers") with { CatchUp = catchUp };
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Start(destination);
        bench.Settle();
        bench.Kill();

        bench.Row("buyers", "ada", isIn: true);
        bench.Clock.SetUtcNow(new(2026, 3, 1, 3, 30, 0, TimeSpan.Zero));
        bench.Start(destination);
        bench.Settle();
        Assert.Equal(4 * syncs, bench.Store.Created.Count);
        Assert.Equal(["ada"], catchUp == CatchUp.All ? Users(bench, "01", "entering") : Users(bench, "03", "entering"));
    }

    [Fact]
    public async Task A_cohort_that_does_not_exist_yet_is_waited_for_and_shown()
    {
        await using var bench = new SinkBench();
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        Assert.Empty(bench.Store.Objects);
        Assert.Contains("buyers", bench.Status.Report.Reason, StringComparison.Ordinal);

        bench.Define("buyers");
        bench.Settle();
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        Assert.Equal(4, bench.Store.Created.Count);
        Assert.Equal("", bench.Status.Report.Reason);
    }

    [Fact]
    public async Task A_deleted_cohort_is_synced_until_its_members_are_out()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination());
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.Delete("buyers");
        bench.Row("buyers", "ada", isIn: false);
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        Assert.Equal(["ada"], Users(bench, "02", "exiting"));

        bench.AdvanceTo("2026-03-01T03:00:00Z");
        Assert.Equal(8, bench.Store.Created.Count);
    }

    [Fact]
    public async Task A_refusing_store_parks_the_destination_which_goes_on_by_itself()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", "no such right"));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        Assert.Equal("AccessDenied: no such right", bench.Status.Report.Reason);
        Assert.Empty(bench.Store.Objects);

        // It is parked a moment before it waits: the clock goes on until the wait is over.
        bench.TurnUntil(() =>
        {
            bench.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return bench.Status.Report.State == SinkState.Live;
        });
        bench.Settle();
        Assert.Equal(4, bench.Store.Created.Count);
    }

    [Fact]
    public async Task A_row_with_a_formula_becomes_a_dead_letter_once_where_formulas_are_refused()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"=1+1"}""");
        bench.Row("buyers", "bob", isIn: true, """{"plan":"pro"}""");
        bench.Start(SinkBench.Destination("buyers") with { UserProperties = ["plan"], Formulas = FormulaHandling.Reject });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.AdvanceTo("2026-03-01T02:00:00Z");

        Assert.Equal(["bob,pro"], Users(bench, "01", "entering"));
        Assert.Equal(["bob,pro"], Users(bench, "02", "existing"));
        var ends = await bench.Log.Admin.EndOffsetsAsync(bench.Topics.DeadLetters.Name, Isolation.Committed, TestContext.Current.CancellationToken);
        Assert.Equal(1, Assert.Single(ends));
    }

    [Fact]
    public async Task Cohorts_of_several_partitions_are_each_synced()
    {
        await using var bench = new SinkBench(partitions: 4);
        string[] cohorts = ["alpha", "beta", "gamma", "delta", "epsilon"];
        bench.Define(cohorts);
        foreach (var cohort in cohorts)
            bench.Row(cohort, $"of-{cohort}", isIn: true);
        bench.Start(SinkBench.Destination());
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");

        foreach (var cohort in cohorts)
            Assert.EndsWith($",of-{cohort}\r\n", bench.Store.TextOf($"0_{cohort}_2026-03-01T01-00-00_entering.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_that_led_to_a_sync_is_told_in_its_manifest_where_wanted()
    {
        const string traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, headers: new RecordHeaders().Add("traceparent", traceParent));
        bench.Start(SinkBench.Destination("buyers") with { TraceContext = TraceContextMode.Field });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        bench.AdvanceTo("2026-03-01T02:00:00Z");

        Assert.Contains($"\"traceparent\": \"{traceParent}\"", bench.Store.TextOf("0_buyers_2026-03-01T01-00-00_manifest.json"), StringComparison.Ordinal);
        Assert.DoesNotContain("traceparent", bench.Store.TextOf("0_buyers_2026-03-01T02-00-00_manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sync_is_linked_to_the_traces_of_its_own_rows_and_to_none_before()
    {
        var (ada, bob, eve) = (TraceOf('a'), TraceOf('b'), TraceOf('e'));
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "CohortPipeline.Sinks.S3",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bench = new SinkBench();
        bench.Define("traced-buyers", "traced-viewers");
        bench.Row("traced-buyers", "ada", isIn: true, headers: ada);
        bench.Row("traced-viewers", "ada", isIn: true, headers: ada);
        bench.Row("traced-buyers", "bob", isIn: true, headers: bob);
        bench.Start(SinkBench.Destination());
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        Assert.Equal([Id('a'), Id('b')], LinksOf("sync traced-buyers"));
        Assert.Equal([Id('a')], LinksOf("sync traced-viewers"));

        bench.Kill();
        spans.Clear();
        bench.Row("traced-buyers", "eve", isIn: true, headers: eve);
        bench.Start(SinkBench.Destination());
        bench.Settle();
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        Assert.Equal([Id('e')], LinksOf("sync traced-buyers"));
        Assert.DoesNotContain(spans, span => span.OperationName == "sync traced-viewers");

        IEnumerable<string> LinksOf(string name)
        {
            var span = Assert.Single(spans, span => span.OperationName == name);
            Assert.Equal(span.Links.First().Context.TraceId, span.TraceId);
            return span.Links.Select(link => link.Context.TraceId.ToHexString());
        }

        static string Id(char digit) => new(digit, 32);

        static RecordHeaders TraceOf(char digit) => new RecordHeaders().Add("traceparent", $"00-{Id(digit)}-b7ad6b7169203331-01");
    }

    /// <summary>A compacted topic forgets the rows of a state that is a week old: a quiet cohort's is noted anew before that.</summary>
    [Fact]
    public async Task The_state_of_the_last_sync_moves_on_while_nobody_comes_or_goes()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination("buyers") with { Cadence = Cadence.RealTime });
        bench.Settle();
        bench.AdvanceTo("2026-03-01T00:01:00Z");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"pro"}""");
        bench.AdvanceTo("2026-03-01T12:00:00Z");
        Assert.Equal(1, (await bench.ReadStateAsync("buyers", TestContext.Current.CancellationToken))!.Last!.StateEnd);

        bench.AdvanceTo("2026-03-02T12:00:00Z");
        var last = (await bench.ReadStateAsync("buyers", TestContext.Current.CancellationToken))!.Last!;
        Assert.Equal((1L, 2L, 1L), (last.End, last.StateEnd, last.Members));
    }

    [Fact]
    public async Task Nothing_is_published_where_the_members_at_the_last_sync_are_not_as_many_as_it_left()
    {
        await using var bench = new SinkBench("2026-03-01T01:10:00Z");
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.WriteState("buyers", new(Passed: 1_772_326_800_000, new(1_772_326_800_000, End: 1, StateEnd: 1, StateAt: 1_772_326_800_000, Members: 7), Pending: null));
        bench.Start(SinkBench.Destination("buyers"));

        bench.Settle();

        var broken = Assert.Throws<SyncInvariantException>(() => bench.AdvanceTo("2026-03-01T02:00:00Z"));
        Assert.Contains("has 1 members at its last sync, expected 7", broken.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Store.Objects);
    }

    [Fact]
    public async Task An_edit_of_the_destination_does_not_change_a_sync_that_was_planned_before()
    {
        var destination = SinkBench.Destination("buyers");
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"pro"}""");
        bench.Start(destination);
        bench.Settle();
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", ""));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        bench.Kill();

        bench.Start(destination with { RoutingKey = "crm", UserProperties = ["plan"] });
        bench.Settle();
        Assert.Equal(["ada"], Users(bench, "01", "entering"));
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        Assert.EndsWith(",ada,pro\r\n", bench.Store.TextOf("0_buyers_2026-03-01T02-00-00_existing_crm.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_come_after_the_plan_wait_for_the_next_sync()
    {
        var destination = SinkBench.Destination("buyers");
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(destination);
        bench.Settle();
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", ""));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        bench.Row("buyers", "bob", isIn: true);
        bench.Row("buyers", "ada", isIn: false);
        bench.Kill();

        bench.Start(destination);
        bench.Settle();
        Assert.Equal(["ada"], Users(bench, "01", "entering"));
        bench.AdvanceTo("2026-03-01T02:00:00Z");
        Assert.Equal(["bob"], Users(bench, "02", "entering"));
        Assert.Equal(["ada"], Users(bench, "02", "exiting"));
        Assert.Equal(["ada"], Users(bench, "02", "existing"));
    }

    /// <summary>What stands behind the first column, a row each. The sync is named by its hour, or its minutes and seconds.</summary>
    private static string[] Users(SinkBench bench, string time, string file)
    {
        var stamp = time.Length == 2 ? $"{time}-00-00" : $"00-{time}";
        var lines = bench.Store.TextOf($"0_buyers_2026-03-01T{stamp}_{file}.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(1).Select(line => line[(line.IndexOf(',', StringComparison.Ordinal) + 1)..])];
    }
}
