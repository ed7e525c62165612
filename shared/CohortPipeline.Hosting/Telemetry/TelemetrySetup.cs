using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CohortPipeline.Hosting;

/// <summary>
/// OpenTelemetry: our own sources and meters, exported by OTLP where an endpoint is set. Without one there is no tracer
/// provider at all, so that nobody listens and no span is ever made.
/// </summary>
internal static class TelemetrySetup
{
    private const string OurNames = "CohortPipeline.*";

    public static void AddPipelineTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        var options = builder.AddValidatedOptions<TelemetryOptions>(TelemetryOptions.Section);
        var exports = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (!exports && !options.Prometheus)
            return;

        // The SDK does not read OTEL_PROPAGATORS; what travels in our headers is W3C alone.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                builder.Configuration["OTEL_SERVICE_NAME"] ?? serviceName,
                serviceNamespace: "cohort-pipeline",
                serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3)));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(OurNames).AddRuntimeInstrumentation();
            if (options.Prometheus)
                metrics.AddPrometheusExporter();
            if (exports)
                metrics.AddOtlpExporter();
        });
        if (exports)
            telemetry.WithTracing(tracing => tracing.AddSource(OurNames).SetSampler(Sampler(options)).AddOtlpExporter());
    }

    public static void MapPipelineMetrics(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TelemetryOptions>().Prometheus)
            app.MapPrometheusScrapingEndpoint("/metrics");
    }

    private static ParentBasedSampler Sampler(TelemetryOptions options) => new(new TraceIdRatioBasedSampler(options.SampleRatio));
}
