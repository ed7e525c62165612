using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CohortPipeline.Sinks;

/// <summary>
/// Ready once every destination has started. A parked one, or one whose definition is still to come, only degrades: a
/// rollout must not hang on a customer's bucket.
/// </summary>
internal sealed class SinkHealthCheck(SinkStatuses statuses, SinkOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reports = statuses.Reports;
        var data = reports.ToDictionary(report => report.DestinationId, report => (object)report.Standing);
        return Task.FromResult(Judge(reports, data));
    }

    private HealthCheckResult Judge(IReadOnlyList<SinkReport> reports, Dictionary<string, object> data)
    {
        if (options.Destination.Length > 0 && reports.Count == 0)
            return HealthCheckResult.Degraded($"waiting for destination `{options.Destination}`", data: data);
        if (reports.Any(report => report.State == SinkState.Starting))
            return HealthCheckResult.Unhealthy("starting", data: data);
        return reports.Any(report => report.State == SinkState.Parked)
            ? HealthCheckResult.Degraded("parked", data: data)
            : HealthCheckResult.Healthy("live", data);
    }
}
