using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Properties.Timed;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Plans;

/// <summary>A behavior of a plan, with the cohorts that look at it, by their place in the plan.</summary>
/// <param name="shared">Holds what behaviors have alike.</param>
internal sealed class PlannedBehavior(int slot, Behavior behavior, Thresholds[] thresholds, int[] cohorts, SharedParts shared)
{
    /// <summary>The counts at which some bound is reached or passed, ascending.</summary>
    private readonly int[] _counts = shared.Of([.. thresholds.SelectMany(of => of.Counts).Distinct().Order()]);

    public int Slot => slot;

    public Behavior Behavior => behavior;

    /// <summary>The behavior's, or one that is like it.</summary>
    public EventMemory Memory { get; } = shared.Of(behavior).Memory;

    /// <summary>Likewise.</summary>
    public EventRange Range { get; } = shared.Of(behavior).Range;


    /// <summary>One a function, of the bounds that cohorts hold it against.</summary>
    public Thresholds[] Thresholds => thresholds;

    /// <summary>All that look at it.</summary>
    public int[] Cohorts => cohorts;

    /// <summary>Where counts are what is measured: the least that reaches as many bounds as this one; 0 for one that reaches none.</summary>
    public int LeastCountLike(int count)
    {
        var least = 0;
        foreach (var reached in _counts)
        {
            if (reached > count)
                break;
            least = reached;
        }

        return least;
    }
}

/// <summary>A property's place in time that cohorts look at, by their place in the plan.</summary>
internal sealed record PlannedTimedTest(PropertyPath Path, TimedTest Test, int[] Cohorts);

/// <summary>A behavior that is the moment at which a property first was something.</summary>
internal sealed record PlannedMoment(int Slot, FirstMoment Memory);
