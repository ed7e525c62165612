using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks;

/// <summary>
/// Tells everybody how the destinations of this process stand: a record each in <c>sink-state</c>, at once where one comes into
/// another state, every few seconds where records move, and as a heartbeat. Nothing depends on it: what cannot be told now is
/// told later.
/// </summary>
internal sealed class SinkReporter(ILog log, PipelineTopics topics, SinkStatuses statuses, string instance, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>Between looks at how the destinations stand.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Between records that tell nothing but new counts.</summary>
    private static readonly TimeSpan CountsInterval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly RepeatLimit _troubles = new(time);
    private ILogWriter? _writer;

    /// <summary>Tells what is due.</summary>
    public void Tell()
    {
        var now = time.GetUtcNow();
        var reports = statuses.Reports;
        SinkReport[] due = [.. reports.Where(report => IsDue(report, now))];
        string[] gone = [.. _told.Keys.Except(reports.Select(report => report.DestinationId), StringComparer.Ordinal)];
        if (due.Length + gone.Length > 0)
            Write(due, gone, now);
    }

    /// <summary>This process serves nothing any more.</summary>
    public void Withdraw()
    {
        if (_told.Count > 0)
            Write([], [.. _told.Keys], time.GetUtcNow());
    }

    public override void Dispose()
    {
        _writer?.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stop)
    {
        while (!stop.WaitHandle.WaitOne(Tick))
            Tell();
        Withdraw();
    }

    private bool IsDue(SinkReport report, DateTimeOffset now)
    {
        if (!_told.TryGetValue(report.DestinationId, out var told) || !report.StandsAs(told.Report))
            return true;
        var age = now - told.At;
        return age >= ToldReport.Heartbeat || (age >= CountsInterval && report.Counts != told.Report.Counts);
    }

    private void Write(SinkReport[] reports, string[] gone, DateTimeOffset now)
    {
        try
        {
            if (Commit(reports, gone, now) != CommitOutcome.Committed)
            {
                Close();
                return;
            }

            foreach (var report in reports)
                _told[report.DestinationId] = new(report, now);
            foreach (var id in gone)
                _told.Remove(id);
        }
        catch (Exception exception) when (exception is LogUnavailableException or FencedException)
        {
            Close();
            if (_troubles.MayTell(out var times))
                LogEvents.StandingUntold(logger, exception.Message, times);
        }
    }

    private CommitOutcome Commit(SinkReport[] reports, string[] gone, DateTimeOffset now)
    {
        _writer ??= log.OpenWriter($"{topics.Named("sink-status")}.{instance}");
        var topic = _writer.Topic(topics.SinkState.Name);
        foreach (var report in reports)
            Append(report.DestinationId, ReportCodec.Encode(now, report));
        foreach (var id in gone)
            Append(id, null);
        return _writer.Commit(null, []);

        void Append(string id, byte[]? value)
        {
            var key = ReportCodec.Key(id, instance);
            _writer.Append(topic, topic.PartitionOf(key), key, value);
        }
    }

    private void Close()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private readonly record struct Told(SinkReport Report, DateTimeOffset At);
}
