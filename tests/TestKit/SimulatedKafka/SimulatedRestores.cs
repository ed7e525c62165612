using CohortPipeline.Lanes;

namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>A lane's restores as threads of their own would drive them, a step at a time in an order drawn from the seed; while one waits inside a step, others go on.</summary>
public sealed class SimulatedRestores(Random random, TimeProvider time) : IRestoreRunner
{
    private readonly List<Pending> _pending = [];

    /// <summary>One of them can take a step now.</summary>
    public bool IsReady => _pending.Exists(IsDue);

    public void Start(PartitionRestore restore) => _pending.Add(new(restore) { DueAt = time.GetTimestamp() });

    public void Step()
    {
        var due = _pending.FindAll(IsDue);
        var next = due[random.Next(due.Count)];
        next.IsBusy = true;
        var wait = next.Restore.Step();
        next.IsBusy = false;
        if (wait is { } pause)
            next.DueAt = time.GetTimestamp() + pause.Ticks;
        else
            _pending.Remove(next);
    }

    /// <summary>The lane has cut them: each ends with its next step, but for those that are in the middle of one.</summary>
    public void Dispose()
    {
        foreach (var pending in _pending.FindAll(pending => !pending.IsBusy))
            pending.Restore.Step();
        _pending.RemoveAll(pending => !pending.IsBusy);
    }

    private bool IsDue(Pending pending) => !pending.IsBusy && pending.DueAt <= time.GetTimestamp();

    private sealed class Pending(PartitionRestore restore)
    {
        public PartitionRestore Restore { get; } = restore;

        public bool IsBusy { get; set; }

        public long DueAt { get; set; }
    }
}
