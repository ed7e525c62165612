using Microsoft.Extensions.Hosting;

namespace CohortPipeline.Control;

/// <summary>Reports what the status shows as metrics, once an interval: every group's lag, ingest's to the sinks', and every cohort's size.</summary>
public sealed class StatusMetrics(StatusReader status, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            // A log that does not answer leaves the last values: other services say that it does not.
            if (ControlMetrics.IsWanted && await status.ReadAsync(stoppingToken) is { IsError: false } read)
                Report(read.Value);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static void Report(PipelineStatus read)
    {
        foreach (var lag in read.Groups.Concat(read.Destinations.Select(destination => destination.Lag).OfType<GroupLag>()))
            ControlMetrics.Lag(lag);
        if (!read.CountsComplete)
            return;
        foreach (var cohort in read.Cohorts)
            ControlMetrics.Members(cohort.Id, cohort.Members);
    }
}
