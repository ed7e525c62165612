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

    public const int RegexCharactersMax = 500;

    /// <summary>
    /// States of a regular expression's automaton, in which counted repetitions are written out: what a character of a text
    /// meant to hurt costs grows with it, to some 15 µs here.
    /// </summary>
    public const int RegexStatesMax = 1000;

    public const int CountMax = 10_000;

    public const int CalendarDaysMax = 400;

    public const int CalendarWeeksMax = 57;

    public const int CalendarMonthsMax = 13;

    /// <summary>Of <c>nth: n</c>.</summary>
    public const int NthMax = 100;

    public const int SequenceStepsMin = 2;

    public const int SequenceStepsMax = 8;

    /// <summary>Of <c>sum</c>, <c>avg</c>, <c>min</c>, <c>max</c>, in size.</summary>
    public const long MeasuredBoundMax = 1_000_000_000_000_000;

    public const int NameCharactersMax = 200;

    public const int IdCharactersMax = 64;

    public static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(400);
}
