using System.Globalization;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Plans;

/// <summary>
/// What many behaviors of a plan have alike, such as a window of seven days and a bound of three. It is one object to them
/// all: always near at hand where each one's own would be far.
/// </summary>
/// <param name="counts">The counts at which some bound is reached or passed, ascending.</param>
internal sealed class BehaviorKind(EventMemory memory, EventRange range, int[] counts)
{
    public EventMemory Memory => memory;

    public EventRange Range => range;

    /// <summary>Where counts are what is measured: the least that reaches as many bounds as this one; 0 for one that reaches none.</summary>
    public int LeastCountLike(int count)
    {
        var least = 0;
        foreach (var reached in counts)
        {
            if (reached > count)
                break;
            least = reached;
        }

        return least;
    }
}

/// <summary>Gives behaviors that are alike the same kind.</summary>
internal sealed class BehaviorKinds
{
    private readonly Dictionary<string, BehaviorKind> _known = new(StringComparer.Ordinal);

    /// <param name="counts">In any order.</param>
    public BehaviorKind Of(Behavior behavior, IEnumerable<int> counts)
    {
        int[] ascending = [.. counts.Distinct().Order()];
        var key = $"{behavior.KindKey} {string.Join(' ', ascending.Select(count => count.ToString(CultureInfo.InvariantCulture)))}";
        if (!_known.TryGetValue(key, out var kind))
            _known.Add(key, kind = new(behavior.Memory, behavior.Range, ascending));
        return kind;
    }
}
