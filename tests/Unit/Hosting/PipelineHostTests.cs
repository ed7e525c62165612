using System.Collections.Concurrent;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace CohortPipeline.Tests.Unit.Hosting;

public sealed class PipelineHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("host-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stop_in_the_middle_of_the_start_is_an_ordinary_end()
    {
        var builder = Builder();
        var told = new ToldLines();
        builder.Logging.AddProvider(told);
        builder.Services.AddHostedService<StopsAtOnce>();
        Assert.Equal(0, await PipelineHost.RunAsync(builder));
        Assert.Contains("test was told to stop while it was still starting, and ends", told.Lines);
        Assert.Empty(told.Exceptions);
    }

    [Fact]
    public async Task A_service_that_is_not_ready_says_so_when_asked_and_not_in_its_log()
    {
        var builder = Builder();
        var told = new ToldLines();
        builder.Logging.AddProvider(told);
        builder.Services.AddHealthChecks().AddCheck("lanes", () => HealthCheckResult.Unhealthy("0 of 1 lanes joined"));
        await using var app = builder.Build();

        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Empty(told.Lines);
    }

    [Fact]
    public async Task Bad_settings_start_nothing_and_end_with_exit_code_1()
    {
        var builder = Builder("--Pipeline:Partitions=many");
        builder.Services.AddHostedService<MustNotStart>();
        Assert.Equal(1, await PipelineHost.RunAsync(builder));
    }

    [Fact]
    public async Task A_worker_starts_when_the_topics_are_there()
    {
        var builder = Builder();
        builder.RequireTopics(topics => [topics.Activity]);
        builder.AddWorker(services => new LooksAtTopics(services));
        Assert.Equal(0, await PipelineHost.RunAsync(builder));
        Assert.True(LooksAtTopics.Found);
    }

    private WebApplicationBuilder Builder(params string[] settings) =>
        PipelineHost.CreateBuilder(["--Pipeline:Log=Embedded", $"--Pipeline:Data={_folder}", "--Telemetry:Prometheus=false", .. settings], "test", Ports.Free());

    /// <summary>What the service logs.</summary>
    private sealed class ToldLines : ILoggerProvider, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ConcurrentBag<Exception> Exceptions { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Add(formatter(state, exception));
            if (exception is not null)
                Exceptions.Add(exception);
        }

        public void Dispose()
        {
        }
    }

    private sealed class StopsAtOnce(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class MustNotStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("it has started");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Looks at what is there when it starts, and ends the host.</summary>
    private sealed class LooksAtTopics(IServiceProvider services) : BackgroundService
    {
        public static bool Found { get; private set; }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var log = services.GetRequiredService<CohortPipeline.Log.ILog>();
            Found = await log.Admin.DescribeAsync("activity", stoppingToken) is not null;
            services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }
    }
}
