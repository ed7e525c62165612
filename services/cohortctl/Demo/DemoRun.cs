using System.Net;
using System.Net.Sockets;
using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Log;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>
/// The whole pipeline in this process on an embedded log, fed by the shop or a file, watched until it has settled. It ends by
/// itself.
/// </summary>
internal sealed class DemoRun
{
    /// <summary>All is read and nothing has moved for this long, which is more than a sync interval: all that can come has come.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(6);

    /// <summary>Nothing has moved for this long, and something is still unread: it is given up, and the summary says what.</summary>
    private static readonly TimeSpan StillMax = TimeSpan.FromSeconds(30);

    /// <summary>The shop's run ends here at the latest, whatever is still due.</summary>
    private static readonly TimeSpan ShopRunMax = TimeSpan.FromSeconds(50);

    /// <summary>Syncs of the CSV destination that show what all three files are for.</summary>
    private const int ShopSyncsMin = 3;

    private readonly DemoOptions _options;
    private readonly TimeProvider _time;
    private readonly CohortDefinitions _cohorts;
    private readonly StatusReader _status;
    private readonly DemoRecorder _recorder;
    private readonly IDemoFeed _feed;
    private readonly long _startedAt;
    private DemoCounts _lastMoved;
    private long _movedAt;

    private DemoRun(DemoOptions options, IServiceProvider services, DemoRecorder recorder, IDemoFeed feed)
    {
        _options = options;
        _time = services.GetRequiredService<TimeProvider>();
        _cohorts = services.GetRequiredService<CohortDefinitions>();
        _status = services.GetRequiredService<StatusReader>();
        _recorder = recorder;
        _feed = feed;
        _startedAt = _movedAt = _time.GetTimestamp();
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_startedAt);

    public static async Task<int> RunAsync(DemoOptions options, Report report, CancellationToken cancellation)
    {
        var files = InputFiles.Read([options.CohortsPath]);
        if (options.Input is { } input && !File.Exists(input))
            throw new InputFileException($"{input}: there is no such file.");
        DemoFolder.Clear();
        var builder = WholePipeline.CreateBuilder(Settings(options));
        using var journal = new DemoJournal(TimeProvider.System);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(journal);
        await using var app = builder.Build();
        if (!PipelineHost.Check(app))
            return ExitCodes.Refused;
        app.MapControl();
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellation, app.Lifetime.ApplicationStopping);
        try
        {
            await app.StartAsync(cancellation);
            return await RunAsync(options, files, app.Services, report, journal, stopped.Token);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            report.Fail("The demo was stopped", journal.LastError is { } error ? [error, $"More in {DemoFolder.Journal}."] : []);
            return ExitCodes.Refused;
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> RunAsync(
        DemoOptions options, IReadOnlyList<(string Name, string Text)> cohorts, IServiceProvider services, Report report, DemoJournal journal, CancellationToken cancellation)
    {
        await services.TopicsReadyAsync(cancellation);
        await Configure(services, cohorts, cancellation);
        await using var recorder = await DemoRecorder.StartAsync(services.GetRequiredService<ILog>(), services.GetRequiredService<PipelineOptions>().Topics(), cancellation);
        IDemoFeed feed = options.IsShop ? ShopFeed.Create(services, options) : new FileFeed(services, options);
        var run = new DemoRun(options, services, recorder, feed);
        var feeding = feed.RunAsync(cancellation);
        IDemoScreen screen = report.IsJson || Console.IsOutputRedirected ? new PlainScreen(report.IsJson ? Console.Error : Console.Out, run._time) : new LiveScreen(run._time);
        await screen.RunAsync(look => run.LookAsync(feeding, look), cancellation);
        await feeding;
        report.Show(await run.SummaryAsync(journal, cancellation), DemoSummary.Show);
        return ExitCodes.Done;
    }

    private static async Task Configure(IServiceProvider services, IReadOnlyList<(string Name, string Text)> cohorts, CancellationToken cancellation)
    {
        var applied = await services.GetRequiredService<CohortDefinitions>().ApplyAsync([.. cohorts.Select(file => new DefinitionFile(file.Name, file.Text))], cancellation);
        ThrowIfRefused(applied.Error);
        foreach (var (_, text) in InputFiles.Read([DemoOptions.DestinationsPath]))
            ThrowIfRefused((await services.GetRequiredService<DestinationRegistry>().AddAsync(text, cancellation)).Error);
    }

    internal static void ThrowIfRefused(ControlError? error)
    {
        if (error is not null)
            throw new ControlClientException(ExitCodes.Refused, error.Title, error.Details);
    }

    private static string[] Settings(DemoOptions options) =>
    [
        "--Pipeline:Log=Embedded",
        $"--Pipeline:Data={DemoFolder.Log}",
        $"--Pipeline:Clock={(options.IsShop ? ClockKind.Wall : ClockKind.Record)}",
        "--Pipeline:Prefix=demo",
        $"--Http:Port={FreePort()}",
    ];

    /// <summary>The usual port, so that a second terminal finds the demo too; another where that one is taken.</summary>
    private static int FreePort()
    {
        foreach (var port in new[] { WholePipeline.Port, 0 })
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException) when (port != 0)
            {
                // Taken: the next one asks the system for any.
            }
        }

        throw new InvalidOperationException("the system has no free port");
    }

    /// <summary>What the screen shows next; null once all has settled.</summary>
    private async Task<DemoState?> LookAsync(Task feeding, CancellationToken cancellation)
    {
        if (feeding.IsFaulted)
            await feeding;
        var status = await _status.ReadAsync(cancellation);
        ThrowIfRefused(status.Error);
        var syncs = DemoFolder.Syncs();
        if (feeding.IsCompleted && IsDone(status.Value, syncs))
            return null;
        var phase = feeding.IsCompleted ? "windows slide past, files are written" : _feed.Phase;
        return new(Elapsed, phase, _feed.Progress, _feed.Published, _recorder.Deltas, _recorder.DeadLetters, syncs, status.Value.Cohorts, _recorder.Recent);
    }

    private bool IsDone(PipelineStatus status, int syncs)
    {
        var now = new DemoCounts(_recorder.Deltas, _recorder.DeadLetters, syncs, status.Destinations.Sum(destination => destination.Records?.Accepted ?? 0));
        if (now != _lastMoved)
            (_lastMoved, _movedAt) = (now, _time.GetTimestamp());
        if (_options.IsShop && Elapsed >= ShopRunMax)
            return true;
        var still = _time.GetElapsedTime(_movedAt);
        var isRead = status.Groups.All(group => group.Lag == 0) && syncs >= (_options.IsShop ? ShopSyncsMin : 1);
        return still >= StillMax || (isRead && still >= Settled);
    }

    private async Task<DemoSummary> SummaryAsync(DemoJournal journal, CancellationToken cancellation)
    {
        var cohorts = await _cohorts.ListAsync(cancellation);
        ThrowIfRefused(cohorts.Error);
        var status = await _status.ReadAsync(cancellation);
        ThrowIfRefused(status.Error);
        return new(
            Math.Round(Elapsed.TotalSeconds, 1),
            _feed.Published,
            [.. _feed.Notes, .. Unread(status.Value)],
            _recorder.Deltas,
            _recorder.Reasons,
            DemoFolder.Syncs(),
            status.Value.Cohorts,
            status.Value.Destinations,
            journal.Errors);
    }

    private static IEnumerable<string> Unread(PipelineStatus status) =>
        status.Groups.Where(group => group.Lag > 0).Select(group => $"{group.Group} has not read the last {group.Lag} records of {group.Topic}");

    /// <summary>What moves while the pipeline works.</summary>
    private readonly record struct DemoCounts(long Deltas, long DeadLetters, int Syncs, long Accepted);
}
