namespace CohortPipeline.Sinks;

/// <summary>What one destination has done with the records it received. Received = accepted + dead-lettered + filtered + in flight.</summary>
public sealed class DeliveryCounts
{
    private long _received;
    private long _accepted;
    private long _deadLettered;
    private long _filtered;

    public SinkCounts Current => new(_received, _accepted, _deadLettered, _filtered, _received - _accepted - _deadLettered - _filtered);

    internal void Received() => _received++;

    internal void Accepted() => _accepted++;

    internal void Filtered() => _filtered++;

    internal void DeadLettered(int count) => _deadLettered += count;

    /// <summary>Records that were in flight go to another owner, which will receive them.</summary>
    internal void GivenBack(int count) => _received -= count;
}
