using System.Text;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The same records, the same deltas: the whole pipeline in one process on the embedded log, held against the oracle.</summary>
public sealed class EmbeddedPipelineTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pipeline-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_busy_shop_moves_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        var output = new FileOutput(Path.Combine(_folder.FullName, "destinations"));
        await using (var pipeline = await InProcessPipeline.StartAllAsync(settings, cancellation))
        {
            foreach (var destination in ShopDestinations.Definitions(output))
                await pipeline.Control.AddDestinationAsync(destination, cancellation);
            var shop = new ShopRun(settings, pipeline.Log, seed: 12);
            await shop.RunAsync(pipeline.Control, cancellation);
            await ShopRun.DeliveredAsync(pipeline.Control, output, ShopDestinations.ReadDeltas, cancellation);
        }

        var proof = await ProveAsync(settings, cancellation);
        Assert.Empty(await new SinkComparison(output, mayRepeat: false).DifferencesAsync(proof, cancellation));
        Assert.Contains(proof.Expected.Deltas.Values.SelectMany(deltas => deltas), delta => delta is { Change: "exit", Reason: "schedule" });
        Assert.Contains(proof.Expected.Deltas.Values.SelectMany(deltas => deltas), delta => delta is { Change: "exit", Reason: "definition" });
    }

    [Fact]
    public async Task An_import_moves_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Record);
        await using (var pipeline = await InProcessPipeline.StartAllAsync(settings, cancellation))
        {
            await pipeline.Control.ApplyAsync(SyntheticShop.CohortsOfHours, cancellation);
            var records = new SyntheticShop(seed: 34, users: 200).Records(5_000, ShopRun.ImportStart, ShopRun.ImportStart + ShopRun.ImportLength, withJunk: false);
            var lines = Encoding.UTF8.GetBytes(string.Join('\n', records.Select(record => record.Value)));
            Assert.True(await pipeline.Control.PublishAsync("shop.jsonl", lines, settings.Events, "end", cancellation) > 4_500);
        }

        var proof = await ProveAsync(settings, cancellation);
        Assert.Contains(proof.Expected.Deltas.Values.SelectMany(deltas => deltas), delta => delta is { Change: "enter", Reason: "schedule" });
    }

    [Fact]
    public async Task Real_shop_events_move_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        MissingPart.SkipWithout("real shop events", RealShop.File is null ? $"there is no ../shared/data/{RealShop.FileName}" : null);
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Record);
        await using (var pipeline = await InProcessPipeline.StartAllAsync(settings, cancellation))
        {
            await pipeline.Control.ApplyAsync(RealShop.Cohorts, cancellation);
            var published = await pipeline.Control.PublishAsync(RealShop.FileName, await File.ReadAllBytesAsync(RealShop.File!, cancellation), settings.Events, "2019-10-02", cancellation);
            Assert.Equal(RealShop.WholeRows, published);
        }

        var proof = await ProveAsync(settings, cancellation);
        Assert.All(RealShop.CohortIds, cohort => Assert.Contains(proof.Expected.Deltas.Values.SelectMany(deltas => deltas), delta => delta.CohortId == cohort && delta.Change == "enter"));
    }

    private static async Task<PipelineProof> ProveAsync(PipelineSettings settings, CancellationToken cancellation)
    {
        await using var evaluator = await InProcessPipeline.StartEvaluatorAsync(settings, cancellation);
        var proof = await PipelineProof.OfAsync(evaluator.Log, settings.Topics, settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        return proof;
    }
}
