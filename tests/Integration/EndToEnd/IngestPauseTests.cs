using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log.Embedded;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// Ingest is down for ten minutes of a busy shop and then catches up, one source partition long after the others: held
/// against the oracle, and against the same shop with an ingest that never stopped. The minutes are made, not waited for.
/// </summary>
public sealed class IngestPauseTests : IDisposable
{
    private const int MinutesBefore = 4;
    private const int MinutesDown = 10;
    private const int MinutesAfter = 3;

    /// <summary>Longer than every window of the cohorts.</summary>
    private const int MinutesQuiet = 6;

    private const int LanesOfCatchingUp = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pause-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task No_window_slides_past_records_that_wait_unread()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var undisturbed = await RunAsync("undisturbed", UndisturbedAsync, cancellation);
        var paused = await RunAsync("paused", PausedAsync, cancellation);

        Assert.Contains(undisturbed.Deltas.Values.SelectMany(deltas => deltas), delta => delta.Reason == "schedule" && IsInPause(delta.At));
        Assert.Empty(DeltaComparer.CompareDeltas(Comparable(undisturbed), Comparable(paused)));
        Assert.Equal(Members(undisturbed), Members(paused));
        Assert.NotEmpty(Members(paused));
    }

    private async Task<OracleResult> RunAsync(string name, Func<Run, CancellationToken, Task> middle, CancellationToken cancellation)
    {
        var folder = Path.Combine(_folder.FullName, name);
        var settings = PipelineSettings.Embedded(folder, ClockKind.Wall);
        var clock = new SteeredClock(ShopRun.ImportStart);
        await using var log = EmbeddedLog.Open(folder, clock);
        var parts = new SharedParts(log, clock);
        await using var behind = await InProcessPipeline.StartBehindIngestAsync(settings, parts, cancellation);
        var shop = new TimedShop(settings, log, clock);
        await behind.Control.ApplyAsync(SyntheticShop.CohortsOfMinutes, cancellation);

        await using (await InProcessPipeline.StartIngestAsync(settings, parts, cancellation))
            await PublishAsync(shop, MinutesBefore, cancellation);
        await middle(new(settings, parts, shop), cancellation);
        await using (await InProcessPipeline.StartIngestAsync(settings, parts, cancellation))
        {
            await PublishAsync(shop, MinutesAfter, cancellation);
            clock.Now += MinutesQuiet * TimedShop.Minute;
            await shop.EvaluatedAsync([], cancellation);
        }

        var proof = await PipelineProof.OfAsync(log, settings.Topics, settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        return proof.Expected;
    }

    private static async Task UndisturbedAsync(Run run, CancellationToken cancellation)
    {
        await using var ingest = await InProcessPipeline.StartIngestAsync(run.Settings, run.Parts, cancellation);
        await PublishAsync(run.Shop, MinutesDown, cancellation);
    }

    private static async Task PausedAsync(Run run, CancellationToken cancellation)
    {
        var before = await DeltasAsync(run, cancellation);
        for (var minute = 0; minute < MinutesDown; minute++)
            run.Shop.PublishMinute();

        var catchingUp = run.Settings with { Log = [.. run.Settings.Log, $"--Ingest:Lanes={LanesOfCatchingUp}"] };
        using var hung = new HungMember(run.Parts.Log, new PipelineGroups(run.Settings.Topics).EventIngest, run.Settings.Events);
        await using var ingest = await InProcessPipeline.StartIngestAsync(catchingUp, run.Parts, cancellation);
        await Eventually.HoldsAsync(() => hung.Owned.Count == 1, "the lanes have not got their partitions", Deadline, cancellation);
        var held = hung.Owned;
        await run.Shop.EvaluatedAsync(held, cancellation);

        // All else is read and evaluated up to now: whoever is still unread must stand as ten minutes ago.
        var meanwhile = await DeltasAsync(run, cancellation);
        Assert.True(meanwhile.Values.Sum(deltas => deltas.Count) > before.Values.Sum(deltas => deltas.Count));
        var waiting = before.Keys.Where(profile => TimedShop.IsInOnePartition(profile) && held.Contains(run.Shop.HomeOf(profile))).ToList();
        Assert.NotEmpty(waiting);
        Assert.All(waiting, profile => Assert.Equal(before[profile], meanwhile[profile]));

        hung.Dispose();
        await run.Shop.EvaluatedAsync([], cancellation);
    }

    private static async Task PublishAsync(TimedShop shop, int minutes, CancellationToken cancellation)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            shop.PublishMinute();
            await shop.EvaluatedAsync([], cancellation);
        }
    }

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>>> DeltasAsync(Run run, CancellationToken cancellation) =>
        DeltaComparer.Read((await LogDump.TopicAsync(run.Parts.Log, run.Settings.Topics.MembershipDeltas.Name, cancellation)).SelectMany(records => records));

    private static bool IsInPause(long instant) =>
        instant > ShopRun.ImportStart + (MinutesBefore * TimedShop.Minute) && instant < ShopRun.ImportStart + ((MinutesBefore + MinutesDown) * TimedShop.Minute);

    /// <summary>What must not depend on the pause: every field but where in <c>activity</c> the record lay.</summary>
    private static Dictionary<string, IReadOnlyList<OracleDelta>> Comparable(OracleResult result) =>
        result.Deltas.Where(profile => TimedShop.IsInOnePartition(profile.Key))
            .ToDictionary(profile => profile.Key, profile => (IReadOnlyList<OracleDelta>)[.. profile.Value.Select(delta => delta with { SourceOffset = null })]);

    private static List<(string CohortId, string ProfileKey)> Members(OracleResult result) =>
        [.. result.Memberships.Values.Where(row => row.In).Select(row => (row.CohortId, row.ProfileKey)).Order()];

    private sealed record Run(PipelineSettings Settings, SharedParts Parts, TimedShop Shop);
}
