using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// A partition's state on its way back: what a processor with state gives for each partition that comes, and gets back whole
/// in <see cref="ILaneProcessor.Assigned"/>. It is filled away from the lane's thread, by one thread at a time, and shares
/// nothing with the processor until then.
/// </summary>
public interface IStateRestore
{
    /// <summary>
    /// Which commit the state read so far is that of: the offset to go on from and the commit's number;
    /// <see cref="CommittedPosition.None"/> and 0 where nothing was ever written.
    /// </summary>
    (long Offset, long Sequence) Position { get; }

    /// <summary>
    /// Reads a bounded piece with a reader that is the restore's alone. True once everything is read that was there when the
    /// first of these calls began, or, after a true answer, the next one: what is read stays and is added to.
    /// </summary>
    bool Read(ILogReader reader);

    /// <summary>Makes a bounded piece of what the state needs beside what was read; true once it is whole. Called when nothing more is read.</summary>
    bool Complete();
}
