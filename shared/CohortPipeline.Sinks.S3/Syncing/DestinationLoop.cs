using CohortPipeline.Log;
using CohortPipeline.Sinks.S3.Plans;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// Keeps one destination's runner going until it is told to stop. Whatever interrupts it, it starts over from what is
/// committed, as after a crash; that is the only way of recovery.
/// </summary>
internal sealed class DestinationLoop(RunnerParts parts, TimeSpan drainDeadline) : ISinkRunner
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DrainWait = TimeSpan.FromMilliseconds(20);

    /// <summary>A runner that lasted so long had recovered: the next interruption begins with short delays again.</summary>
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Blocks until the stop. Throws what starting over cannot put right: a missing topic, wrong settings.</summary>
    private void Run(CancellationToken stop)
    {
        var attempt = 0;
        while (!stop.IsCancellationRequested)
        {
            var started = parts.Clock.GetTimestamp();
            var interruption = RunOnce(stop);
            if (interruption is null)
                break;
            attempt = parts.Clock.GetElapsedTime(started) > Recovered ? 1 : attempt + 1;
            Tell(interruption, attempt, out var delay);
            stop.WaitHandle.WaitOne(delay);
        }
    }

    /// <summary>Null once stopped; otherwise what interrupted it.</summary>
    private Exception? RunOnce(CancellationToken stop)
    {
        try
        {
            using var runner = new DestinationRunner(parts, stop);
            runner.Join();
            while (!stop.IsCancellationRequested)
                runner.Turn(runner.IsPublishing ? DrainWait : IdleWait);
            Drain(runner);
            runner.Leave();
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception) when (exception is LogUnavailableException or FencedException or SyncInterruptedException or SyncInvariantException or InvalidDataException)
        {
            return exception;
        }
    }

    /// <summary>Finishes what is being uploaded within the deadline, unless the store refuses it; begins nothing.</summary>
    private void Drain(DestinationRunner runner)
    {
        var started = parts.Clock.GetTimestamp();
        while (runner.IsPublishing && !runner.IsParked && parts.Clock.GetElapsedTime(started) < drainDeadline)
            runner.Turn(DrainWait, mayPlan: false);
    }

    private void Tell(Exception interruption, int attempt, out TimeSpan delay)
    {
        delay = RetryPlan.OfCalls.Delay(attempt, (1 + parts.Jitter()) / 2);
        if (interruption is SyncInvariantException or InvalidDataException)
        {
            parts.Status.Park(interruption.Message);
            LogEvents.InvariantBroken(parts.Logger, parts.Destination.Id, interruption.Message, delay.TotalSeconds);
        }
        else
        {
            parts.Status.Starting(interruption.Message);
            LogEvents.StartingOver(parts.Logger, parts.Destination.Id, interruption.Message, delay.TotalSeconds);
        }
    }
}
