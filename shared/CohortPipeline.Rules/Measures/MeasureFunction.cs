namespace CohortPipeline.Rules.Measures;

/// <summary>What is made of the remembered events of a behavior.</summary>
public enum MeasureFunction
{
    /// <summary>How many there are: events, dates, values.</summary>
    Count,
    Sum,
    Average,
    Least,
    Greatest,
}
