using System.Collections.Immutable;

namespace CohortPipeline.Rules.Plans;

/// <summary>In which order cohorts are looked at, so that those that another one asks for membership come before it.</summary>
internal sealed class CohortOrder
{
    private readonly int[] _ranks;
    private readonly int[][] _dependents;

    /// <exception cref="InvalidOperationException">Cohorts depend on each other in a circle.</exception>
    public CohortOrder(ImmutableArray<PlannedCohort> cohorts)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var place = 0; place < cohorts.Length; place++)
            places.Add(cohorts[place].Definition.Id, place);
        var dependents = new List<int>[cohorts.Length];
        var waitsFor = new int[cohorts.Length];
        for (var place = 0; place < cohorts.Length; place++)
        {
            foreach (var id in cohorts[place].Needs.Cohorts)
            {
                if (!places.TryGetValue(id, out var needed))
                    continue;
                (dependents[needed] ??= []).Add(place);
                waitsFor[place]++;
            }
        }

        _dependents = [.. dependents.Select(of => of is null ? [] : of.ToArray())];
        _ranks = Rank(waitsFor);
    }

    /// <summary>By place in the plan: a cohort of a lower rank is looked at first.</summary>
    public ReadOnlyMemory<int> Ranks => _ranks;

    /// <summary>The cohorts that ask for membership of the one at a place.</summary>
    public ReadOnlySpan<int> DependentsOf(int place) => _dependents[place];

    private int[] Rank(int[] waitsFor)
    {
        var ranks = new int[waitsFor.Length];
        var ready = new Queue<int>(Enumerable.Range(0, waitsFor.Length).Where(place => waitsFor[place] == 0));
        var ranked = 0;
        while (ready.TryDequeue(out var place))
        {
            ranks[place] = ranked++;
            foreach (var dependent in _dependents[place])
            {
                if (--waitsFor[dependent] == 0)
                    ready.Enqueue(dependent);
            }
        }

        return ranked == ranks.Length ? ranks : throw new InvalidOperationException("cohorts depend on each other in a circle");
    }
}
