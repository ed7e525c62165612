using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log.Embedded;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>The demo as a newcomer runs it, held against what it promises and against the oracle.</summary>
public sealed class DemoTests : IDisposable
{
    private const string RealShopFile = "rees46-2019-10-01.csv.gz";
    private const int Partitions = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("demo-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Output => Path.Combine(_folder, "demo-output");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_shop_ends_by_itself_and_leaves_every_file_it_names()
    {
        var (exitCode, summary) = await CohortCtl.JsonAsync(_folder, Cancellation, "demo");

        Assert.Equal(0, exitCode);
        Assert.Equal(summary.GetProperty("deltas").GetInt32(), Lines("deltas.jsonl").Length);
        Assert.All(["bad_properties", "bad_time", "no_event_type", "no_identity", "not_json", "unknown_shape"], reason =>
            Assert.Contains(Lines("dead-letters.jsonl"), line => JsonOf(line).GetProperty("dlq.reason").GetString() == reason));
        Assert.All(["cohort-updates", "profile-triggers", "shop-events"], stream => Assert.NotEmpty(Lines("kinesis", $"{stream}.jsonl")));
        Assert.Contains(Lines("deltas.jsonl"), line => JsonOf(line) is var delta
            && delta.GetProperty("cohort_id").GetString() == "active-now" && delta.GetProperty("change").GetString() == "exit" && delta.GetProperty("reason").GetString() == "schedule");
        Assert.True(Files("0_active-now_*_manifest.json").Length >= 3, "fewer than three syncs");
        Assert.All(["entering", "exiting", "existing"], kind =>
            Assert.Contains(Files($"0_active-now_*_{kind}.csv"), file => File.ReadLines(file).Count() > 1));
        await Prove(recordClock: false);
    }

    [Fact]
    public async Task A_file_of_real_shop_events_has_members_and_its_broken_row_is_reported()
    {
        var input = Repository.BesideOrNull("data", RealShopFile);
        MissingPart.SkipWithout("real shop events", input is null ? $"there is no ../shared/data/{RealShopFile}" : null);
        var (exitCode, summary) = await CohortCtl.JsonAsync(_folder, Cancellation, "demo", "--input", input!);

        Assert.Equal(0, exitCode);
        Assert.Equal(17_434, summary.GetProperty("published").GetInt32());
        Assert.Contains(summary.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("line 17436", StringComparison.Ordinal));
        Assert.All(summary.GetProperty("cohorts").EnumerateArray(), cohort => Assert.True(cohort.GetProperty("members").GetInt32() > 0, $"{cohort}"));
        await Prove(recordClock: true);

        // The demo ends with the last record's instant, as its final watermark.
        var backtest = await CohortCtl.RunAsync(_folder, Cancellation, "backtest", "--cohorts", Repository.PathOf("demo", "file-cohorts"), "--input", input!, "--until", "2019-10-01T02:50:00Z", "-o", "backtest.jsonl");
        Assert.Equal(0, backtest.ExitCode);
        Assert.Equal(WithoutSources(Lines("deltas.jsonl")), WithoutSources(File.ReadAllLines(Path.Combine(_folder, "backtest.jsonl"))));
    }

    [Fact]
    public async Task A_missing_input_or_definition_is_named()
    {
        var noInput = await CohortCtl.RunAsync(_folder, Cancellation, "demo", "--input", "missing.csv");
        Assert.Equal((1, "missing.csv: there is no such file."), (noInput.ExitCode, noInput.Error.Trim()));
        var noCohorts = await CohortCtl.RunAsync(_folder, Cancellation, "demo", "--cohorts", "missing.yaml");
        Assert.Equal(1, noCohorts.ExitCode);
        Assert.StartsWith("missing.yaml: ", noCohorts.Error, StringComparison.Ordinal);
    }

    private async Task Prove(bool recordClock)
    {
        await using var log = EmbeddedLog.Open(Path.Combine(Output, "log"), TimeProvider.System);
        var proof = await PipelineProof.OfAsync(log, new PipelineTopics("demo", Partitions, null), new() { RecordClock = recordClock, SourceTopics = ["events", "identifies"] }, Cancellation);
        Assert.Empty(await proof.DifferencesAsync(Cancellation));
        Assert.Equal(proof.DeltaCount, Lines("deltas.jsonl").Length);
    }

    private string[] Lines(params string[] path) => File.ReadAllLines(Path.Combine([Output, .. path]));

    private string[] Files(string pattern) => Directory.GetFiles(Path.Combine(Output, "s3"), pattern, SearchOption.AllDirectories);

    /// <summary>Deltas in one order, without the place of what led to them: a backtest has one partition.</summary>
    private static string[] WithoutSources(string[] deltas) => [.. deltas
        .Select(line => JsonSerializer.Serialize(JsonOf(line).EnumerateObject().Where(member => member.Name != "source").ToDictionary(member => member.Name, member => member.Value)))
        .Order(StringComparer.Ordinal)];

    private static JsonElement JsonOf(string line) => JsonSerializer.Deserialize<JsonElement>(line);
}
