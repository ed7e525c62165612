namespace CohortPipeline.Lanes;

/// <summary>
/// Drives a lane's restores, outside of the lane's own calls: threads in a service, a scheduler's choice in a simulation.
/// What to do is all in <see cref="PartitionRestore.Step"/>.
/// </summary>
public interface IRestoreRunner : IDisposable
{
    /// <summary>Takes steps of this restore, one at a time, until it is done. The call itself takes none.</summary>
    void Start(PartitionRestore restore);
}
