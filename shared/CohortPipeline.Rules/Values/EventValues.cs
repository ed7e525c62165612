using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Properties;

namespace CohortPipeline.Rules.Values;

/// <summary>What a filter looks at: the properties and the context of the event at hand. Kept by a lane and used again.</summary>
internal sealed class EventValues
{
    public PropertyBag Properties { get; } = new();

    public PropertyBag Context { get; } = new();

    public Candidates Candidates { get; } = new();

    /// <summary>Finds what a path leads to in the event; without one, nothing is looked for.</summary>
    public void Resolve(PropertyPath? path)
    {
        if (path is not null)
            Candidates.Resolve(path, path.IsInContext ? Context : Properties);
    }
}
