using CohortPipeline.Lanes;

namespace CohortPipeline.TestKit.Memory;

/// <summary>Drives restores a step at a time where a simulation says so: on its one thread, in an order drawn from its seed.</summary>
public sealed class SteppedRestores(Random chance) : IRestoreRunner
{
    private readonly List<PartitionRestore> _restores = [];

    public bool IsIdle => _restores.Count == 0;

    public void Start(PartitionRestore restore) => _restores.Add(restore);

    /// <summary>One step of one of them, if there are any.</summary>
    public void Step()
    {
        if (IsIdle)
            return;
        var next = chance.Next(_restores.Count);
        if (_restores[next].Step() is null)
            _restores.RemoveAt(next);
    }

    public void Dispose()
    {
        // The lane has cut them: each ends with its next step.
        while (!IsIdle)
            Step();
    }
}
