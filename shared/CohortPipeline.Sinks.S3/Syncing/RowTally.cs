namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// Counts rows of <c>memberships</c> for one destination, so that at any moment received = accepted + dead-lettered +
/// filtered + in flight. Rows that a start reads again only to build a snapshot are not received anew. The runner's thread
/// alone uses it.
/// </summary>
internal sealed class RowTally(SinkStatus status, TimeProvider clock)
{
    private SinkCounts _counts = SinkCounts.Zero;
    private DateTimeOffset? _oldest;

    /// <summary>A row that waits for the next sync.</summary>
    public void Waits()
    {
        _oldest ??= clock.GetUtcNow();
        _counts = _counts with { Received = _counts.Received + 1, InFlight = _counts.InFlight + 1 };
    }

    /// <summary>A row of a cohort that the destination has not asked for.</summary>
    public void Filter() => _counts = _counts with { Received = _counts.Received + 1, Filtered = _counts.Filtered + 1 };

    /// <summary>Rows that a published sync stands for, some of them refused as dead letters.</summary>
    public void Publish(long rows, long refused)
    {
        var deadLettered = Math.Min(rows, refused);
        Settle(_counts with { Accepted = _counts.Accepted + rows - deadLettered, DeadLettered = _counts.DeadLettered + deadLettered }, rows);
    }

    /// <summary>Rows that changed nothing to publish.</summary>
    public void Skip(long rows) => Settle(_counts with { Filtered = _counts.Filtered + rows }, rows);

    /// <summary>Rows of a partition that goes: its next owner receives them.</summary>
    public void GiveBack(long rows) => Settle(_counts with { Received = _counts.Received - rows }, rows);

    public void Tell() => status.Count(_counts, _oldest);

    private void Settle(SinkCounts counts, long rows)
    {
        _counts = counts with { InFlight = counts.InFlight - rows };
        if (_counts.InFlight == 0)
            _oldest = null;
    }
}
