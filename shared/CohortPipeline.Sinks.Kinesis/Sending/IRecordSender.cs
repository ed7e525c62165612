namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Carries out one request. Every failure is a value; only cancellation throws.</summary>
internal interface IRecordSender : IAsyncDisposable
{
    Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation);
}
