namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// Counts rows of <c>memberships</c> for one destination, so that at any moment received = accepted + dead-lettered +
/// filtered + in flight. Rows that a start reads again only to build a snapshot are not received anew. The runner's thread
/// alone uses it.
/// </summary>
internal sealed class RowTally(SinkStatus status, TimeProvider clock)
{
    private long _received;
    private long _accepted;
    private long _deadLettered;
    private long _filtered;

    /// <summary>A row that waits for the next sync.</summary>
    public void Waits(FoldedCohort cohort)
    {
        cohort.OldestWaitsSince ??= clock.GetUtcNow();
        _received++;
    }

    /// <summary>A row of a cohort that the destination has not asked for.</summary>
    public void Filter()
    {
        _received++;
        _filtered++;
    }

    /// <summary>Rows that a published sync stands for, some of them refused as dead letters.</summary>
    public void Publish(long rows, long refused)
    {
        var deadLettered = Math.Min(rows, refused);
        _accepted += rows - deadLettered;
        _deadLettered += deadLettered;
    }

    /// <summary>Rows that changed nothing to publish.</summary>
    public void Skip(long rows) => _filtered += rows;

    /// <summary>Rows of a partition that goes: its next owner receives them.</summary>
    public void GiveBack(long rows) => _received -= rows;

    /// <param name="waiting">Rows that the cohorts hold for their next sync.</param>
    /// <param name="oldest">When the oldest of them was received.</param>
    public void Tell(long waiting, DateTimeOffset? oldest) => status.Count(new(_received, _accepted, _deadLettered, _filtered, waiting), oldest);
}
