namespace CohortPipeline.Sinks;

/// <summary>What one destination has done with the records it received. Received = accepted + dead-lettered + filtered + in flight.</summary>
public sealed class DeliveryCounts
{
    private long _received;
    private long _accepted;
    private long _deadLettered;
    private long _filtered;

    /// <summary>Memory of dead letters that wait to be written.</summary>
    public long PendingDeadLetterBytes { get; private set; }

    /// <param name="inFlight">What the destination's partitions hold that is neither accepted nor written as a dead letter.</param>
    public SinkCounts With(long inFlight) => new(_received, _accepted, _deadLettered, _filtered, inFlight);

    internal void Received() => _received++;

    internal void Accepted() => _accepted++;

    internal void Filtered() => _filtered++;

    /// <summary>It stays in flight until it is written.</summary>
    internal void GaveUp(PendingDeadLetter letter) => PendingDeadLetterBytes += letter.HeldBytes;

    internal void DeadLettered(PendingDeadLetter letter)
    {
        _deadLettered++;
        PendingDeadLetterBytes -= letter.HeldBytes;
    }

    /// <summary>A record that was in flight goes to another owner, which will receive it; so does a dead letter that was not written.</summary>
    internal void GivenBack(PendingDeadLetter? letter)
    {
        _received--;
        PendingDeadLetterBytes -= letter?.HeldBytes ?? 0;
    }
}
