namespace CohortPipeline.Sinks;

/// <summary>
/// What a partition's owner sends of <c>memberships</c> beside its deltas, of cohorts that the position does not stand for yet:
/// the members there are (a snapshot), or, where deltas are gone, the present state of everyone who may have changed
/// meanwhile (a resync). A crash starts it over.
/// </summary>
/// <param name="Cohorts">Of these, less those that the position stands for.</param>
/// <param name="Since">Rows written before this instant (epoch milliseconds) have not changed; null: a snapshot.</param>
/// <param name="Marks">Ends of the partitions of <c>memberships</c> before the first row was sent: of who left behind them an enter may have been sent. Empty: of all.</param>
public sealed record PartitionStart(CohortSelection Cohorts, long? Since, IReadOnlyList<long> Marks)
{
    public bool IsSnapshot => Since is null;

    /// <summary>Whether a row at this place was written after the start has begun.</summary>
    public bool IsPastMark(int partition, long offset) => partition >= Marks.Count || offset >= Marks[partition];
}
