using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>Follows what the sinks tell of their destinations in <c>sink-state</c>; what a sink of this very process says is taken from it as it is now.</summary>
public sealed class SinkReports(ILog log, PipelineOptions options, SinkStatuses? own, TimeProvider time, ILogger<SinkReports> logger) : BackgroundService
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string DestinationId, string Instance), ToldReport> _told = [];

    /// <summary>What was told of a destination last, by every instance that has told anything and has not gone since.</summary>
    public IReadOnlyList<ToldReport> Of(string destinationId)
    {
        var here = own?.Reports.FirstOrDefault(report => report.DestinationId == destinationId);
        lock (_lock)
        {
            var told = _told.Where(entry => entry.Key.DestinationId == destinationId && (own is null || entry.Key.Instance != SinkInstance.Name)).Select(entry => entry.Value);
            return [.. here is null ? told : told.Append(new(SinkInstance.Name, time.GetUtcNow(), here))];
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Follow(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task Follow(CancellationToken stop)
    {
        var topics = options.Topics();
        for (var attempt = 0; !stop.IsCancellationRequested; attempt++)
        {
            try
            {
                using var follower = await TopicFollower.OpenAsync(log, topics.Named("control-sinks"), [topics.SinkState.Name], stop);
                for (attempt = 0; !stop.IsCancellationRequested;)
                    follower.Poll(Apply, PollWait);
            }
            catch (LogUnavailableException exception)
            {
                var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
                LogEvents.SinksUnheard(logger, exception.Message, delay.TotalSeconds);
                await Task.Delay(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Apply(in LogRecord record)
    {
        if (!ReportCodec.TryKey(record.Key, out var destinationId, out var instance))
            return;
        lock (_lock)
        {
            if (!record.IsTombstone && ReportCodec.TryRead(instance, record.Value, out var told))
                _told[(destinationId, instance)] = told;
            else
                _told.Remove((destinationId, instance));
        }
    }
}
