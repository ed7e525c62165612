using System.Globalization;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// Seeded random histories of a cohort over many syncs, with restarts and missed boundaries among them: what the files list
/// must be what a set that was kept by hand says.
/// </summary>
public sealed class SyncHistoryTests
{
    private const int Syncs = 25;
    private const int UserCount = 12;
    private const int ChangesMax = 15;

    [Theory]
    [InlineData(1, Cadence.Hourly)]
    [InlineData(2, Cadence.Hourly)]
    [InlineData(3, Cadence.Daily)]
    [InlineData(4, Cadence.RealTime)]
    [InlineData(5, Cadence.RealTime)]
    public async Task The_files_list_what_a_naive_model_says(int seed, Cadence cadence)
    {
        var random = new Random(seed);
        var destination = SinkBench.Destination("buyers") with { Cadence = cadence, UserProperties = ["plan"] };
        var step = cadence switch { Cadence.Daily => TimeSpan.FromDays(1), Cadence.Hourly => TimeSpan.FromHours(1), _ => destination.SyncInterval };
        await using var bench = new SinkBench();
        var model = new Model();
        bench.Define("buyers");
        bench.Start(destination);
        bench.Settle();

        for (var sync = 0; sync < Syncs; sync++)
        {
            for (var change = random.Next(ChangesMax); change > 0; change--)
                Change(bench, model, random);
            if (random.Next(4) == 0)
            {
                bench.Kill();
                bench.Start(destination);
            }

            bench.Clock.Advance(step * (random.Next(5) == 0 ? 3 : 1));
            bench.Settle();
            Check(bench, model, cadence, $"seed {seed}, sync {sync}");
        }
    }

    private static void Change(SinkBench bench, Model model, Random random)
    {
        var user = $"user-{random.Next(UserCount)}";
        model.Rows++;
        switch (random.Next(8))
        {
            case 0:
                bench.Forget("buyers", user);
                model.Now.Remove(user);
                break;
            case < 4:
                bench.Row("buyers", user, isIn: false, Plan(model, user));
                model.Now.Remove(user);
                break;
            default:
                model.Plans[user] = $"plan-{random.Next(3)}";
                bench.Row("buyers", user, isIn: true, Plan(model, user));
                model.Now.Add(user);
                break;
        }
    }

    private static void Check(SinkBench bench, Model model, Cadence cadence, string where)
    {
        var counts = bench.Status.Report.Counts;
        Assert.Equal(counts.Received, counts.Accepted + counts.DeadLettered + counts.Filtered + counts.InFlight);
        Assert.Equal(0, counts.InFlight);
        Assert.Equal(model.Rows, counts.Received);
        var stamp = bench.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH-mm-ss", CultureInfo.InvariantCulture);
        var entering = model.Now.Except(model.Before).ToList();
        var exiting = model.Before.Except(model.Now).ToList();
        if (cadence == Cadence.RealTime && entering.Count + exiting.Count == 0)
        {
            Assert.False(bench.Store.Objects.ContainsKey($"0_buyers_{stamp}_manifest.json"), where);
            return;
        }

        Assert.Equal(Rows(model, entering), Listed(bench, stamp, "entering"));
        Assert.Equal(Rows(model, exiting), Listed(bench, stamp, "exiting"));
        Assert.Equal(Rows(model, model.Before), Listed(bench, stamp, "existing"));
        Assert.Equal(model.ExistingNext, model.Before.Count);
        model.ExistingNext = model.Before.Count + entering.Count - exiting.Count;
        model.Before = [.. model.Now];
    }

    private static string Plan(Model model, string user) => model.Plans.TryGetValue(user, out var plan) ? $$"""{"plan":"{{plan}}"}""" : "";

    private static IEnumerable<string> Rows(Model model, IEnumerable<string> users) =>
        users.Order(StringComparer.Ordinal).Select(user => $"{user},{model.Plans.GetValueOrDefault(user)}");

    private static IEnumerable<string> Listed(SinkBench bench, string stamp, string file) =>
        bench.Store.TextOf($"0_buyers_{stamp}_{file}.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[(line.IndexOf(',', StringComparison.Ordinal) + 1)..]);

    private sealed class Model
    {
        public SortedSet<string> Now { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Before { get; set; } = [];

        public Dictionary<string, string> Plans { get; } = [];

        public int ExistingNext { get; set; }

        public long Rows { get; set; }
    }
}
