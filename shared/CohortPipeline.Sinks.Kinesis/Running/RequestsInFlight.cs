using System.Collections.Concurrent;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Carries requests out and brings their responses back to the loop's thread, with a span and metrics each. The one place
/// where delivery is asynchronous.
/// </summary>
internal sealed class RequestsInFlight(KinesisDestination destination, IRecordSender sender, TimeProvider time) : IRequestCarrier
{
    private readonly ConcurrentQueue<(DeliveryRequest Request, DeliveryResponse Response)> _responses = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly CancellationTokenSource _abandon = new();

    public void Start(DeliveryRequest request) => _ = Send(request);

    /// <summary>The next response that has come, if one has.</summary>
    public bool TryTake(out DeliveryRequest request, out DeliveryResponse response)
    {
        var taken = _responses.TryDequeue(out var pair);
        (request, response) = pair;
        return taken;
    }

    /// <summary>Waits until a response comes, or for <paramref name="timeout"/>.</summary>
    public void Wait(TimeSpan timeout) => _arrived.WaitOne(timeout);

    /// <summary>Gives up on requests that are still under way: their answers will not be asked for.</summary>
    public void Dispose() => _abandon.Cancel();

    private async Task Send(DeliveryRequest request)
    {
        // Off the loop's thread at once: marshalling and signing are work.
        await Task.Yield();
        using var span = KinesisSpans.StartPutRecords(destination, request);
        var started = time.GetTimestamp();
        var response = await Answer(request);
        var error = KinesisSpans.End(span, response);
        KinesisMetrics.Put(destination.Id, request.Records.Count, time.GetElapsedTime(started), error);
        Measure(request, response);
        _responses.Enqueue((request, response));
        _arrived.Set();
    }

    private async Task<DeliveryResponse> Answer(DeliveryRequest request)
    {
        try
        {
            return await sender.SendAsync(request, _abandon.Token);
        }
        catch (Exception exception)
        {
            // The edge of the sending tasks: whatever it is becomes an answer, which parks the destination with it.
            return _abandon.IsCancellationRequested
                ? DeliveryResponse.Failed(FailureKind.Transient, "Abandoned", "the sink stopped")
                : DeliveryResponse.Failed(FailureKind.Refused, exception.GetType().Name, exception.Message);
        }
    }

    private void Measure(DeliveryRequest request, DeliveryResponse response)
    {
        if (response.Entries is not { } entries)
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Code is null)
                KinesisMetrics.Delivered(destination.Id, TimeSpan.FromMilliseconds(now - request.Records[i].HappenedAt));
        }
    }
}
