using System.Globalization;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Plans;

/// <summary>What many behaviors have alike, such as a window of seven days, is one object to them all: it is always near at hand where each one's own would be far.</summary>
internal sealed class SharedParts
{
    private readonly Dictionary<string, (EventRange Range, EventMemory Memory)> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _counts = new(StringComparer.Ordinal);

    public (EventRange Range, EventMemory Memory) Of(Behavior behavior)
    {
        if (!_kinds.TryGetValue(behavior.Kind, out var shared))
            _kinds.Add(behavior.Kind, shared = (behavior.Range, behavior.Memory));
        return shared;
    }

    public int[] Of(int[] counts)
    {
        var key = string.Join(' ', counts.Select(count => count.ToString(CultureInfo.InvariantCulture)));
        if (!_counts.TryGetValue(key, out var shared))
            _counts.Add(key, shared = counts);
        return shared;
    }
}
