using System.ComponentModel.DataAnnotations;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Evaluator;

/// <summary>Section <c>Evaluator</c>.</summary>
public sealed class EvaluatorOptions
{
    public const string Section = "Evaluator";

    /// <summary>Lanes of this instance: about one a core.</summary>
    [Range(1, 256, ErrorMessage = "Evaluator:Lanes lies between 1 and 256.")]
    public int Lanes { get; set; } = 1;

    /// <summary>How far the watermark stays behind what ingest has read; the same on all instances.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Evaluator:Grace lies between 0 and 1 h.")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time from a change to its commit while records keep coming.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05", ErrorMessage = "Evaluator:CommitInterval lies between 1 ms and 5 s.")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Most due timers fired, and most profiles moved to a new plan, between two batches of records.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Evaluator:TimerSlice lies between 1 and 1000000.")]
    public int TimerSlice { get; set; } = 1_000;

    /// <summary>Events that a profile remembers of one behavior that keeps them all, as <c>sum</c> and sequences do; the same on all instances.</summary>
    [Range(1, 10_000, ErrorMessage = "Evaluator:RememberedEventsMax lies between 1 and 10000.")]
    public int RememberedEventsMax { get; set; } = Stepper.RememberedEventsDefault;

    /// <summary>Longest wait at a restore for a predecessor's open transaction to end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Evaluator:RestoreTimeout lies between 1 s and 10 min.")]
    public TimeSpan RestoreTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
