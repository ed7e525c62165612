using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Rules.Plans;

/// <summary>One part of a change set: a cohort's new definition, or its deletion.</summary>
/// <param name="Version">Of the definition or of the deletion; rises with every change of the cohort.</param>
/// <param name="Definition">Null: deleted.</param>
public sealed record CohortChange(string CohortId, int Version, CohortDefinition? Definition);
