using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>Control in a host: definitions and destinations, publishing, status, and the REST interface over them.</summary>
public static class ControlSetup
{
    public static void AddControl(this IHostApplicationBuilder builder)
    {
        builder.RequireTopics(topics => topics.All);
        builder.RequireSourceTopics(options => options.SourceTopics);

        var services = builder.Services;
        services.AddSingleton<ControlTransactions>();
        services.AddSingleton<CohortCounts>();
        builder.AddWorker(found => found.GetRequiredService<CohortCounts>());
        services.AddSingleton(found => new CohortDefinitions(
            found.GetRequiredService<ControlTransactions>(),
            found.GetRequiredService<CohortCounts>(),
            found.GetRequiredService<PipelineOptions>(),
            found.GetRequiredService<ILogger<CohortDefinitions>>()));
        services.AddSingleton(found => new DestinationRegistry(
            found.GetRequiredService<ControlTransactions>(),
            found.GetRequiredService<PipelineOptions>(),
            found.GetServices<PolicyPrinter>(),
            found.GetServices<DestinationChecker>(),
            found.GetRequiredService<ILogger<DestinationRegistry>>()));
        services.AddSingleton(found => new SinkReports(
            found.GetRequiredService<ILog>(),
            found.GetRequiredService<PipelineOptions>(),
            found.GetService<SinkStatuses>(),
            found.GetRequiredService<TimeProvider>(),
            found.GetRequiredService<ILogger<SinkReports>>()));
        builder.AddWorker(found => found.GetRequiredService<SinkReports>());
        services.AddSingleton(found => new StatusReader(
            found.GetRequiredService<ILog>(),
            found.GetRequiredService<CohortDefinitions>(),
            found.GetRequiredService<CohortCounts>(),
            found.GetRequiredService<ControlTransactions>(),
            found.GetRequiredService<PipelineOptions>(),
            found.GetRequiredService<SinkReports>(),
            found.GetRequiredService<TimeProvider>()));
        builder.AddWorker(found => new StatusMetrics(found.GetRequiredService<StatusReader>(), found.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FinalWatermark>();
        services.AddSingleton(found => new FilePublishing(
            found.GetRequiredService<ILog>(),
            found.GetRequiredService<PipelineOptions>(),
            found.GetRequiredService<FinalWatermark>(),
            found.GetRequiredService<TimeProvider>(),
            found.GetRequiredService<ILogger<FilePublishing>>()));
        services.ConfigureHttpJsonOptions(options => ControlJson.Configure(options.SerializerOptions));
        services.AddProblemDetails();
        services.AddOpenApi();
    }

    /// <summary>The REST interface under <c>/v1</c>, described at <c>/openapi/v1.json</c>.</summary>
    public static void MapControl(this WebApplication app)
    {
        app.MapOpenApi();
        app.MapCohorts();
        app.MapDestinations();
        app.MapPublish();
        app.MapStatus();
    }
}
