using System.ComponentModel.DataAnnotations;

namespace CohortPipeline.Hosting;

/// <summary>Section <c>Telemetry</c>. Export itself is switched on by the standard variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// Share of records without a trace context for which ingest begins a trace. A record that came with a context keeps
    /// its producer's decision.
    /// </summary>
    [Range(0.0, 1.0, ErrorMessage = "Telemetry:SampleRatio lies between 0 and 1.")]
    public double SampleRatio { get; set; } = 0.001;

    /// <summary>Serves <c>/metrics</c> in Prometheus text.</summary>
    public bool Prometheus { get; set; } = true;
}
