using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans.Conditions;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

/// <summary>A cohort of a plan: its definition, version and slot, compiled.</summary>
public sealed class PlannedCohort
{
    private readonly byte[] _id;
    private readonly byte[] _name;
    private readonly ImmutableArray<byte[]> _exports;

    internal PlannedCohort(CohortDefinition definition, int version, int slot, Condition condition, SweepWork sweep)
    {
        Definition = definition;
        Version = version;
        Slot = slot;
        Condition = condition;
        Sweep = sweep;
        _id = Encoding.UTF8.GetBytes(definition.Id);
        _name = Encoding.UTF8.GetBytes(definition.Name);
        _exports = [.. definition.ExportProperties.Select(Encoding.UTF8.GetBytes)];
        ExportsAll = definition.ExportProperties is [CohortDefinition.AllProperties];
        Needs = new();
        condition.AddNeeds(Needs);
        HoldsForNothing = condition.Holds(new Profile(), new Scratch());
    }

    public CohortDefinition Definition { get; }

    /// <summary>Of the definition; of a deleted cohort, of its deletion.</summary>
    public int Version { get; }

    /// <summary>Small, and never given to another cohort.</summary>
    public int Slot { get; }

    /// <summary>What the plan's last change set asks for.</summary>
    public SweepWork Sweep { get; }

    public ReadOnlySpan<byte> Id => _id;

    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Whether deltas of this cohort carry every property.</summary>
    public bool ExportsAll { get; }

    /// <summary>Whether a profile with no event and no property is a member.</summary>
    public bool HoldsForNothing { get; }

    internal Condition Condition { get; }

    internal ConditionNeeds Needs { get; }

    internal ImmutableArray<byte[]> Exports => _exports;

    internal PlannedCohort With(int version, SweepWork sweep) => new(Definition, version, Slot, Condition, sweep);

    internal PlannedCohort With(CohortDefinition definition, int version, SweepWork sweep) => new(definition, version, Slot, Condition, sweep);
}
