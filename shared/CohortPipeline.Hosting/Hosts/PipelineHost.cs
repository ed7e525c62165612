using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CohortPipeline.Hosting;

/// <summary>
/// What all services share: configuration from the environment and the command line alone, options validated whole, one
/// line a log entry, telemetry, health, a drain on SIGTERM, and exit code 1 with a readable text when it cannot start.
/// </summary>
public static class PipelineHost
{
    /// <summary>Time to finish what is in flight after SIGTERM; a pod's grace period must be above it.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder CreateBuilder(string[] args, string serviceName, int defaultPort)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { Args = args, ApplicationName = serviceName });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        AddLogging(builder);
        AddHttp(builder, defaultPort);
        builder.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);
        builder.AddPipelineTelemetry(serviceName);
        builder.AddPipelineLog();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        return builder;
    }

    /// <summary>Builds and runs the service until it is told to stop; answers the exit code of the process.</summary>
    public static async Task<int> RunAsync(WebApplicationBuilder builder, Action<WebApplication>? map = null)
    {
        await using var app = builder.Build();
        if (!Check(app))
            return 1;

        app.MapPipelineHealth();
        app.MapPipelineMetrics();
        map?.Invoke(app);
        return await RunToEndAsync(app);
    }

    private static async Task<int> RunToEndAsync(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PipelineHost));
        // The app's services are gone when it has ended, however it ended.
        var name = app.Environment.ApplicationName;
        var stopping = app.Lifetime.ApplicationStopping;
        var workers = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // By SIGTERM, or by a check that failed and has set the exit code.
            LogEvents.StoppedWhileStarting(logger, name);
        }
        catch (IOException exception)
        {
            // The port was free when it was checked, and is not any more.
            await Console.Error.WriteLineAsync($"{name} cannot start: {exception.Message}");
            return 1;
        }

        return Array.Exists(workers, worker => worker.ExecuteTask is { IsFaulted: true }) ? 1 : Environment.ExitCode;
    }

    /// <summary>Checks everything that can be checked before a start, and prints every error; false if there is one.</summary>
    public static bool Check(WebApplication app)
    {
        var errors = app.Services.GetServices<IStartCheck>().SelectMany(check => check.Errors(app.Services)).Distinct().ToArray();
        if (errors.Length == 0)
            return true;
        var found = errors.Length == 1 ? "1 error" : $"{errors.Length} errors";
        Console.Error.WriteLine($"{app.Environment.ApplicationName} cannot start: {found} in its settings.");
        foreach (var error in errors)
            Console.Error.WriteLine($"  - {error}");
        return false;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // An ERROR each time somebody asks a service that is still starting: /health itself says it.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);

        // A stack trace for a stop in the middle of a start, which is no failure, and what fails is told by ourselves.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }

    private static void AddHttp(WebApplicationBuilder builder, int defaultPort)
    {
        var http = builder.AddValidatedOptions<HttpOptions>(HttpOptions.Section);
        builder.Services.AddSingleton<IStartCheck>(new PortCheck(defaultPort));
        builder.Services.AddRoutingCore();
        builder.Services.AddHealthChecks();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.TryParse(http.Address, out var address) ? address : IPAddress.Loopback, PortCheck.PortOf(http, defaultPort));
        });
    }
}
