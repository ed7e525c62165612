using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks;

/// <summary>One destination being served: its runner, run again where the log does not answer or another instance took over.</summary>
internal sealed class SinkSlot : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _definition;
    private readonly ISinkFactory _factory;
    private readonly SinkStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public SinkSlot(Destination destination, ISinkFactory factory, SinkStatus status, TimeProvider time, ILogger logger)
    {
        Destination = destination;
        _definition = DestinationCodec.Encode(destination);
        _factory = factory;
        _status = status;
        _time = time;
        _logger = logger;
        Ended = Task.Run(Run);
    }

    public Destination Destination { get; }

    /// <summary>Ends when the runner has; never faulted: see <see cref="ThrowIfFailed"/>.</summary>
    public Task Ended { get; }

    public bool HasEnded => Ended.IsCompleted;

    private Exception? Failure { get; set; }

    public bool IsOf(Destination definition) => _definition.AsSpan().SequenceEqual(DestinationCodec.Encode(definition));

    public void Stop() => _stop.Cancel();

    public void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new InvalidOperationException($"destination {Destination.Id} failed: {Failure.Message}", Failure);
    }

    /// <summary>For a slot that has ended.</summary>
    public void Dispose() => _stop.Dispose();

    private async Task Run()
    {
        LogEvents.Starting(_logger, Destination.Id, Destination.Sink);
        try
        {
            for (var attempt = 0; !_stop.IsCancellationRequested; attempt++)
            {
                if (await RunOnce(attempt))
                    break;
            }

            LogEvents.Stopped(_logger, Destination.Id);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            LogEvents.Stopped(_logger, Destination.Id);
        }
        catch (Exception exception)
        {
            // The edge of the runner: the worker finds it and stops the process.
            Failure = exception;
        }
    }

    /// <summary>False where it must be run again.</summary>
    private async Task<bool> RunOnce(int attempt)
    {
        var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
        try
        {
            _status.Begin();
            await _factory.Create(Destination, _status).RunAsync(_stop.Token);
            return true;
        }
        catch (LogUnavailableException exception)
        {
            _status.Starting($"the log does not answer: {exception.Message}");
            LogEvents.LogUnavailable(_logger, Destination.Id, exception.Message, delay.TotalSeconds);
        }
        catch (FencedException exception)
        {
            _status.Starting($"another instance has taken over: {exception.Message}");
            LogEvents.Fenced(_logger, Destination.Id, exception.Message, delay.TotalSeconds);
        }

        await Task.Delay(delay, _time, _stop.Token);
        return false;
    }
}
