namespace CohortPipeline.Log;

/// <summary>Reads partitions, as a member of a group or on its own. One thread uses it; handlers run on that thread.</summary>
public interface ILogReader : IDisposable
{
    /// <summary>
    /// Joins the group for these topics. Partitions come and go through <paramref name="handler"/>, inside
    /// <see cref="Poll"/> and <see cref="Leave"/>. A topic that does not exist is an error here, not silence.
    /// </summary>
    /// <seealso cref="PositionedReading.Subscribe"/>
    void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler);

    /// <summary>Reads exactly these partitions from these offsets, outside of any group's assignment. Replaces what was assigned.</summary>
    void Assign(IReadOnlyList<PartitionPosition> positions);

    /// <summary>
    /// The next records, at most <paramref name="recordsMax"/>; empty if none came within <paramref name="timeout"/>.
    /// It returns as soon as it has something, records or a signal. Must be called at least every five minutes, or the group takes the partitions away.
    /// </summary>
    /// <exception cref="LogUnavailableException">The log cannot be reached; polling again is right.</exception>
    RecordBatch Poll(int recordsMax, TimeSpan timeout);

    /// <summary>
    /// Reads on from these offsets, or begins to where a partition is held since it came. Nothing fetched of these partitions
    /// before the call is seen after it; the batch in hand is dead. A partition that is not assigned is an error.
    /// </summary>
    void Seek(IReadOnlyList<PartitionPosition> positions);

    void Pause(IReadOnlyList<TopicPartition> partitions);

    void Resume(IReadOnlyList<TopicPartition> partitions);

    /// <summary>
    /// What the reader's group has committed, stable: waits while a transaction that commits these positions is undecided.
    /// Answers in the order asked; <see cref="CommittedPosition.Exists"/> is false where there is nothing.
    /// </summary>
    CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions);

    /// <summary>Commits positions without outputs. False: the group has moved on; nothing was committed.</summary>
    bool Commit(IReadOnlyList<CommittedPosition> positions);

    /// <summary>The first offset that the partition still holds.</summary>
    long FirstOffset(TopicPartition partition);

    /// <summary>The offset after the partition's last record or marker, asked now and not from a cache.</summary>
    long EndOffset(TopicPartition partition, Isolation isolation);

    /// <summary>Leaves the group; <see cref="IAssignmentHandler.Revoked"/> runs inside for everything still owned.</summary>
    void Leave();
}

/// <summary>
/// Called on the reader's thread. An exception in a handler is kept and thrown by the <see cref="ILogReader.Poll"/> or
/// <see cref="ILogReader.Leave"/> around it.
/// </summary>
public interface IAssignmentHandler
{
    /// <summary>
    /// These partitions are the reader's from now on; none where it has joined and the group has nothing for it. They are
    /// held: nothing of one is read before <see cref="ILogReader.Seek"/> says where from, in this call or at any later time.
    /// With a <see cref="LogUnavailableException"/> out of it nothing is taken over, and the same partitions are assigned again.
    /// </summary>
    void Assigned(IReadOnlyList<TopicPartition> partitions);

    /// <summary>These partitions go at the end of the call; positions of all owned partitions can still be committed in it.</summary>
    void Revoked(IReadOnlyList<TopicPartition> partitions);

    /// <summary>These partitions are somebody else's already: abort, and commit nothing.</summary>
    void Lost(IReadOnlyList<TopicPartition> partitions);
}
