namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What a loop has from its surroundings that is never the same twice: the way to the stream, and chance.</summary>
/// <param name="Requests">Carries requests out; the loop disposes of it.</param>
/// <param name="JitterSeed">Draws the jitter of back-offs.</param>
/// <param name="RandomKey">Writes a random partition key of <see cref="PartitionKeys.RandomLength"/>.</param>
internal sealed record DeliveryLife(IRequestCarrier Requests, ulong JitterSeed, Action<Span<byte>> RandomKey)
{
    /// <summary>A life that calls a real destination.</summary>
    public static DeliveryLife Of(KinesisDestination destination, IRecordSender sender, TimeProvider time) =>
        new(new RequestsInFlight(destination, sender, time), (ulong)Random.Shared.NextInt64(), PartitionKeys.WriteRandom);
}

/// <summary>Carries requests out while the loop goes on, and keeps their responses for it.</summary>
internal interface IRequestCarrier : IDisposable
{
    void Start(DeliveryRequest request);

    /// <summary>The next response that has come, if one has.</summary>
    bool TryTake(out DeliveryRequest request, out DeliveryResponse response);

    /// <summary>Waits until a response comes, or for <paramref name="timeout"/>.</summary>
    void Wait(TimeSpan timeout);
}
