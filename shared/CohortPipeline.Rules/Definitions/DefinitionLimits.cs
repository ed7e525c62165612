namespace CohortPipeline.Rules.Definitions;

/// <summary>The bounds of the language (<c>docs/spec/cohorts.md</c> §1, §2).</summary>
public static class DefinitionLimits
{
    /// <summary>Of all live definitions of a pipeline; whoever applies a change set checks it.</summary>
    public const int LiveDefinitionsMax = 10_000;

    public const int ClausesMax = 64;

    public const int ClauseDepthMax = 16;

    public const int FilterDepthMax = 16;

    public const int EventsMax = 32;

    public const int EventTypeBytesMax = 1024;

    public const int ValuesMax = 1000;

    public const int CountMax = 10_000;

    public const int NameCharactersMax = 200;

    public const int IdCharactersMax = 64;

    public static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(400);
}
