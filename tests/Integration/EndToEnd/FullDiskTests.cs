using System.Text;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// <c>cohortctl up</c> on an embedded log that has no room left: it says so and waits. With more room it goes on where it
/// stood; nothing is lost and nothing is there twice.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Seed = 93;
    private const int Users = 40;
    private const int ChunkRecords = 300;
    private const int ChunkMilliseconds = 1_000;
    private const int ChunksMax = 100;
    private const long RoomBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pipeline-full-");
    private readonly SyntheticShop _shop = new(Seed, Users);
    private readonly List<string> _acknowledged = [];
    private readonly PipelineSettings _settings;
    private readonly FileOutput _output;

    public FullDiskTests()
    {
        _settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        _output = new(Path.Combine(_folder.FullName, "destinations"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_full_disk_is_waited_for_and_loses_and_doubles_nothing()
    {
        var small = _settings with { Log = [.. _settings.Log, $"--Pipeline:DataBytesMax={RoomBytes}"] };
        await using (var up = new UpProcess(small, _folder.FullName))
        {
            await up.ReadyAsync(Cancellation);
            await up.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, Cancellation);
            foreach (var destination in ShopDestinations.Definitions(_output))
                await up.Control.AddDestinationAsync(destination, Cancellation);
            await FillAsync(up);

            await Eventually.HoldsAsync(async token => await up.HealthAsync(token) is var health && health.Contains("waiting for the log: No room is left", StringComparison.Ordinal) ? null : health, Deadline, Cancellation);
            await Eventually.HoldsAsync(() => up.Output.Contains("Make room on that disk, and it goes on by itself", StringComparison.Ordinal), "no line in the log says what to do", Deadline, Cancellation);
            Assert.Equal(0, await up.StopAsync(Cancellation));
        }

        await using (var up = new UpProcess(_settings, _folder.FullName))
        {
            await up.ReadyAsync(Cancellation);
            Assert.True(await PublishAsync(up));
            await ShopRun.QuietAsync(up.Control, Cancellation);
            await ShopRun.DeliveredAsync(up.Control, _output, ShopDestinations.ReadDeltas, Cancellation);
            Assert.Equal(0, await up.StopAsync(Cancellation));
        }

        await using var evaluator = await InProcessPipeline.StartEvaluatorAsync(_settings, Cancellation);
        var proof = await PipelineProof.OfAsync(evaluator.Log, _settings.Topics, _settings.Oracle, Cancellation);
        await proof.HoldsAsync(Deadline, Cancellation);
        Assert.Empty(await new SinkComparison(_output, mayRepeat: true).DifferencesAsync(proof, Cancellation));
        var published = proof.Published.Select(record => Encoding.UTF8.GetString(record.Value!)).ToHashSet();
        Assert.DoesNotContain(_acknowledged, record => !published.Contains(record));
    }

    private async Task FillAsync(UpProcess up)
    {
        for (var chunk = 0; chunk < ChunksMax; chunk++)
        {
            if (!await PublishAsync(up))
                return;
        }

        Assert.Fail($"{ChunksMax} chunks have found room");
    }

    /// <summary>False: there was no room, and the answer says so.</summary>
    private async Task<bool> PublishAsync(UpProcess up)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var records = _shop.Records(ChunkRecords, now - ChunkMilliseconds, now, withJunk: false).Select(record => record.Value).ToList();
        try
        {
            await up.Control.PublishAsync("shop.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', records)), _settings.Events, until: null, Cancellation);
            _acknowledged.AddRange(records);
            return true;
        }
        catch (HttpRequestException refusal)
        {
            Assert.Contains("No room is left for the embedded log", refusal.Message, StringComparison.Ordinal);
            return false;
        }
    }
}
