using CohortPipeline.Rules.Behaviors;

namespace CohortPipeline.Rules.Plans;

/// <summary>Gives each kind of behavior one slot, small and never used again for another.</summary>
internal sealed class BehaviorSlots
{
    private readonly Dictionary<string, (int Slot, Behavior Behavior)> _known = new(StringComparer.Ordinal);
    private readonly Queue<int> _stored = new();

    public BehaviorSlots(int next) => Next = next;

    /// <summary>The slot that the next new behavior gets.</summary>
    public int Next { get; private set; }

    /// <summary>Whether stored slots wait to be taken.</summary>
    public bool HasExpected => _stored.Count > 0;

    /// <summary>The behaviors that have slots.</summary>
    public IEnumerable<(int Slot, Behavior Behavior)> All => _known.Values;

    /// <summary>Keeps the slot of a behavior that there was before.</summary>
    public void Keep(int slot, Behavior behavior) => _known.TryAdd(behavior.Key, (slot, behavior));

    /// <summary>The slots that the next behaviors had when they were stored, in the order in which they will be taken.</summary>
    public void Expect(IEnumerable<int> slots)
    {
        foreach (var slot in slots)
            _stored.Enqueue(slot);
    }

    public int Take(Behavior behavior)
    {
        var stored = _stored.TryDequeue(out var expected) ? expected : (int?)null;
        if (_known.TryGetValue(behavior.Key, out var known))
        {
            if (stored is { } other && other != known.Slot)
                throw new InvalidOperationException($"one behavior was stored in slots {known.Slot} and {other}: {behavior.Key}");
            return known.Slot;
        }

        var slot = stored ?? Next++;
        _known.Add(behavior.Key, (slot, behavior));
        return slot;
    }

    /// <summary>The same slots without the behaviors that no cohort uses: should one be used again later, it is a new one.</summary>
    public BehaviorSlots UsedBy(IEnumerable<PlannedCohort> cohorts)
    {
        var used = cohorts.SelectMany(cohort => cohort.Needs.Behaviors).Select(use => use.Slot).ToHashSet();
        var kept = new BehaviorSlots(Next);
        foreach (var (slot, behavior) in All.Where(entry => used.Contains(entry.Slot)))
            kept.Keep(slot, behavior);
        return kept;
    }
}
