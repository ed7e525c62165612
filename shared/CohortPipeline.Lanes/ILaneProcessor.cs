using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// What a lane does with its records. All calls come from the lane's one thread. What a call appends to the output, and
/// what it changes in the processor's own state, is uncommitted until <see cref="Promote"/> and undone by <see cref="Drop"/>.
/// </summary>
public interface ILaneProcessor
{
    /// <summary>Called once, before anything else, with the output that all later calls append to.</summary>
    void Begin(LaneOutput output);

    /// <summary>
    /// The partition is coming. A processor with state answers the restore of it, which is driven beside the lane; the lane's
    /// other partitions go on meanwhile. Null: there is no state. What was restored may never come back: another owner has the
    /// partition then.
    /// </summary>
    IStateRestore? Restore(TopicPartition partition);

    /// <summary>
    /// The partition is this lane's to process from now on. <paramref name="committed"/> is where its group stands,
    /// <paramref name="restored"/> what <see cref="Restore"/> answered for it, done: the state of that commit, or of an earlier
    /// life whose positions the group has forgotten.
    /// </summary>
    void Assigned(in CommittedPosition committed, IStateRestore? restored);

    /// <summary>The partition goes; what was to be committed is committed or dropped already.</summary>
    void Removed(TopicPartition partition);

    /// <summary>
    /// Applies the records of one poll, in order, in a straight line, from <paramref name="first"/> on, and stops behind a record
    /// that fills the transaction (<see cref="LaneOutput.IsFull"/>): the lane commits and comes with the rest. Behind the last
    /// record the batch's signals are applied.
    /// </summary>
    /// <returns>How many of the batch's records are applied now: more than <paramref name="first"/>, if there are more.</returns>
    int Process(RecordBatch batch, int first, LaneOutput output);

    /// <summary>Work that no record asks for: due timers, watermarks. Does a bounded slice and stops where the transaction is full; true if more waits.</summary>
    bool Tick(LaneOutput output);

    /// <summary>
    /// Called once just before each commit, with the positions that are about to be committed: appends what is written
    /// once a commit (changelog, position records).
    /// </summary>
    void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output);

    /// <summary>The commit stands.</summary>
    void Promote();

    /// <summary>The commit surely does not stand: forget everything since the last <see cref="Promote"/>; records will be read again.</summary>
    void Drop();
}

/// <summary>A partition's position as it is about to be committed, and the number of the commit: one higher than the one before, across owners.</summary>
public readonly record struct PartitionCommit(TopicPartition Partition, long Offset, long Sequence);
