using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks;

/// <summary>
/// Follows the destinations and keeps a runner for each one that this process serves: started when it appears, drained when
/// it goes, drained and started anew when its definition changes.
/// </summary>
public sealed class SinkWorker(
    ILog log,
    PipelineTopics topics,
    SinkOptions options,
    ISinkFactory factory,
    SinkStatuses statuses,
    TimeProvider time,
    ILogger<SinkWorker> logger) : BackgroundService
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, SinkSlot> _slots = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complained = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var attempt = 0; !stoppingToken.IsCancellationRequested; attempt++)
            {
                try
                {
                    using var table = await DestinationTable.OpenAsync(log, topics, stoppingToken);
                    attempt = 0;
                    await Task.Factory.StartNew(() => Follow(table, stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                }
                catch (LogUnavailableException exception)
                {
                    var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
                    LogEvents.TableUnavailable(logger, exception.Message, delay.TotalSeconds);
                    await Task.Delay(delay, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The stop that the runners are told of below.
        }
        finally
        {
            await StopAll();
        }
    }

    private void Follow(DestinationTable table, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Reconcile(table);
            table.Poll(PollWait);
        }
    }

    private void Reconcile(DestinationTable table)
    {
        var wanted = Wanted(table);
        foreach (var slot in _slots.Values.ToArray())
        {
            if (!wanted.TryGetValue(slot.Destination.Id, out var definition) || !slot.IsOf(definition))
                slot.Stop();
            if (slot.HasEnded)
                Remove(slot);
        }

        foreach (var (id, destination) in wanted)
        {
            if (!_slots.ContainsKey(id))
                _slots.Add(id, new(destination, factory, statuses.Open(id, destination.Sink), time, logger));
        }
    }

    private Dictionary<string, Destination> Wanted(DestinationTable table)
    {
        foreach (var (id, reason) in table.Unreadable)
        {
            if (IsOurs(id) && _complained.Add($"{id}: {reason}"))
                LogEvents.Unreadable(logger, id, reason);
        }

        if (options.Destination.Length > 0)
            CheckNamed(table);
        return table.Destinations.Values
            .Where(destination => destination.Sink == factory.Sink && IsOurs(destination.Id))
            .ToDictionary(destination => destination.Id, StringComparer.Ordinal);
    }

    private bool IsOurs(string id) => options.Destination.Length == 0 || id == options.Destination;

    private void CheckNamed(DestinationTable table)
    {
        if (!table.Destinations.TryGetValue(options.Destination, out var named))
        {
            if (_complained.Add(""))
                LogEvents.Missing(logger, options.Destination);
        }
        else if (named.Sink != factory.Sink && _complained.Add(named.Sink))
        {
            LogEvents.WrongSink(logger, named.Id, named.Sink, factory.Sink);
        }
    }

    /// <summary>A runner that failed takes the process down with it: something is broken that no retry mends.</summary>
    private void Remove(SinkSlot slot)
    {
        _slots.Remove(slot.Destination.Id);
        statuses.Remove(slot.Destination.Id);
        slot.Dispose();
        slot.ThrowIfFailed();
    }

    private async Task StopAll()
    {
        foreach (var slot in _slots.Values)
            slot.Stop();
        await Task.WhenAll(_slots.Values.Select(slot => slot.Ended));
        foreach (var slot in _slots.Values.ToArray())
            Remove(slot);
    }
}
