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
    /// The partition is this lane's from now on. <paramref name="committed"/> is where its group stands, <paramref name="sequence"/>
    /// the number of that commit (0: none yet). A processor with state restores it here. Answers the offset to read from;
    /// <see cref="CommittedPosition.None"/> is the first one that the partition holds. Where the log does not answer meanwhile,
    /// <see cref="Removed"/> follows, and it is assigned again.
    /// </summary>
    long Assigned(in CommittedPosition committed, long sequence);

    /// <summary>The partition goes, if it ever came; what was to be committed is committed or dropped already.</summary>
    void Removed(TopicPartition partition);

    /// <summary>Applies the records and signals of one poll, in order, in a straight line.</summary>
    void Process(RecordBatch batch, LaneOutput output);

    /// <summary>Work that no record asks for: due timers, watermarks. Does a bounded slice; true if more waits.</summary>
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
