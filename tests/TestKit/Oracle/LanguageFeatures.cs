namespace CohortPipeline.TestKit.Oracle;

/// <summary>Parts of the language of definitions, beside counting in a rolling range and plain filters: which of them made-up definitions use.</summary>
[Flags]
public enum LanguageFeatures
{
    None = 0,
    FixedRanges = 1,
    Calendar = 2,
    Days = 4,
    Distinct = 8,
    Numbers = 16,
    Nth = 32,
    Sequences = 64,
    TimedProperties = 128,
    EverWas = 256,
    InCohort = 512,
    TextOperators = 1024,
    Expressions = 2048,
    Has = 4096,

    All = FixedRanges | Calendar | Days | Distinct | Numbers | Nth | Sequences | TimedProperties | EverWas | InCohort | TextOperators | Expressions | Has,

    /// <summary>What the rules know.</summary>
    Known = All,
}
