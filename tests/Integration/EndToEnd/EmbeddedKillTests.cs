using System.Net.Sockets;
using System.Text;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// <c>cohortctl up</c> is killed again and again, while it starts, reads, evaluates, publishes and waits; each time it goes on
/// where its log stands. In the end nothing is lost and nothing is there twice.
/// </summary>
/// <remarks>The points are drawn from a seed, but what a process has done until then is up to the machine.</remarks>
public sealed class EmbeddedKillTests : IDisposable
{
    private const int Kills = 20;
    private const int Seed = 20;
    private const int Users = 40;
    private const int ChunkRecords = 300;
    private const int ChunkMilliseconds = 1_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pipeline-killed-");
    private readonly Random _random = new(Seed);
    private readonly SyntheticShop _shop = new(Seed, Users);
    private readonly List<string> _acknowledged = [];
    private readonly PipelineSettings _settings;
    private readonly FileOutput _output;

    public EmbeddedKillTests()
    {
        _settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        _output = new(Path.Combine(_folder.FullName, "destinations"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Twenty_kills_lose_nothing_and_double_nothing()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (var first = new UpProcess(_settings, _folder.FullName))
        {
            await first.ReadyAsync(cancellation);
            await first.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
            foreach (var destination in ShopDestinations.Definitions(_output))
                await first.Control.AddDestinationAsync(destination, cancellation);
            await KillInMidWorkAsync(first, cancellation);
        }

        for (var kill = 1; kill < Kills; kill++)
        {
            await using var up = new UpProcess(_settings, _folder.FullName);
            if (_random.Next(4) == 0)
                await KillAfterAsync(up, _random.Next(100, 1_500), cancellation);
            else
                await KillInMidWorkAsync(up, cancellation);
        }

        await using (var last = new UpProcess(_settings, _folder.FullName))
        {
            await last.ReadyAsync(cancellation);
            await PublishAsync(last, cancellation);
            await ShopRun.QuietAsync(last.Control, cancellation);
            await ShopRun.DeliveredAsync(last.Control, _output, ShopDestinations.ReadDeltas, cancellation);
            Assert.Equal(0, await last.StopAsync(cancellation));
        }

        await using var evaluator = await InProcessPipeline.StartEvaluatorAsync(_settings, cancellation);
        var proof = await PipelineProof.OfAsync(evaluator.Log, _settings.Topics, _settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        var published = proof.Published.Select(record => Encoding.UTF8.GetString(record.Value!)).ToHashSet();
        Assert.Empty(await new SinkComparison(_output, mayRepeat: true).DifferencesAsync(proof, cancellation));
        Assert.DoesNotContain(_acknowledged, record => !published.Contains(record));
    }

    /// <summary>Publishes and kills while that, or what follows from it, goes on.</summary>
    private async Task KillInMidWorkAsync(UpProcess up, CancellationToken cancellation)
    {
        await up.ReadyAsync(cancellation);
        var publishing = PublishAsync(up, cancellation);
        await KillAfterAsync(up, _random.Next(600), cancellation);
        await publishing;
    }

    private async Task PublishAsync(UpProcess up, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var records = _shop.Records(ChunkRecords, now - ChunkMilliseconds, now, withJunk: false).Select(record => record.Value).ToList();
        try
        {
            await up.Control.PublishAsync("shop.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', records)), _settings.Events, until: null, cancellation);
            _acknowledged.AddRange(records);
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            // Killed before it answered: all of it may be there, or nothing.
        }
    }

    private static async Task KillAfterAsync(UpProcess up, int milliseconds, CancellationToken cancellation)
    {
        await Task.Delay(milliseconds, cancellation);
        await up.KillAsync(cancellation);
    }
}
