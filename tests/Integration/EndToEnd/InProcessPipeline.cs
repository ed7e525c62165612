using CohortPipeline.Control;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.S3;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>Services of a pipeline in the test's own process.</summary>
internal sealed class InProcessPipeline : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private InProcessPipeline(WebApplication app, int port)
    {
        _app = app;
        Control = new(port);
    }

    public ControlApi Control { get; }

    public ILog Log => _app.Services.GetRequiredService<ILog>();

    /// <summary>Every service, as <c>cohortctl up</c> runs them.</summary>
    public static Task<InProcessPipeline> StartAllAsync(PipelineSettings settings, CancellationToken cancellation) => StartAsync(
        settings,
        builder =>
        {
            builder.AddIngest(IngestSource.Events);
            builder.AddIngest(IngestSource.Identifies);
            builder.AddEvaluator();
            builder.AddKinesisSink();
            builder.AddS3Sink();
            builder.AddControl();
        },
        app => app.MapControl(),
        cancellation);

    /// <summary>The evaluator alone: what is in <c>activity</c> is evaluated to its end, and nothing new comes.</summary>
    public static Task<InProcessPipeline> StartEvaluatorAsync(PipelineSettings settings, CancellationToken cancellation) =>
        StartAsync(settings, builder => builder.AddEvaluator(), _ => { }, cancellation);

    /// <summary>Both kinds of ingest, on a log and a clock that others use too.</summary>
    public static Task<InProcessPipeline> StartIngestAsync(PipelineSettings settings, SharedParts parts, CancellationToken cancellation) => StartAsync(
        settings,
        builder =>
        {
            builder.AddIngest(IngestSource.Events);
            builder.AddIngest(IngestSource.Identifies);
            parts.AddTo(builder);
        },
        _ => { },
        cancellation);

    /// <summary>What stands behind ingest but for the sinks, on a log and a clock that others use too.</summary>
    public static Task<InProcessPipeline> StartBehindIngestAsync(PipelineSettings settings, SharedParts parts, CancellationToken cancellation) => StartAsync(
        settings,
        builder =>
        {
            builder.AddEvaluator();
            builder.AddControl();
            parts.AddTo(builder);
        },
        app => app.MapControl(),
        cancellation);

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<InProcessPipeline> StartAsync(PipelineSettings settings, Action<WebApplicationBuilder> add, Action<WebApplication> map, CancellationToken cancellation)
    {
        var port = Ports.Free();
        var builder = PipelineHost.CreateBuilder(settings.Arguments(port), "pipeline-under-test", port);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        add(builder);
        var app = builder.Build();
        if (!PipelineHost.Check(app))
            throw new InvalidOperationException("the settings were refused");
        app.MapPipelineHealth();
        map(app);
        await app.StartAsync(cancellation);
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        await Eventually.HoldsAsync(
            async token =>
            {
                using var health = await http.GetAsync(new Uri("/health", UriKind.Relative), token);
                return health.IsSuccessStatusCode ? null : await health.Content.ReadAsStringAsync(token);
            },
            StartTimeout,
            cancellation);
        return new(app, port);
    }
}

/// <summary>A log and a clock that several pipelines of one process share, so that services can come and go one by one. They are the caller's.</summary>
internal sealed record SharedParts(ILog Log, TimeProvider Time)
{
    public void AddTo(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Log);
        builder.Services.AddSingleton(Time);
    }
}
