using CohortPipeline.Control;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Everything that one look at the demo shows.</summary>
internal sealed record DemoState(
    TimeSpan Elapsed,
    string Phase,
    double Progress,
    long Published,
    long Deltas,
    long DeadLetters,
    int Syncs,
    IReadOnlyList<CohortStatus> Cohorts,
    IReadOnlyList<SeenDelta> Recent);

/// <summary>Shows the demo as it goes.</summary>
internal interface IDemoScreen
{
    Task RunAsync(Func<CancellationToken, Task<DemoState?>> look, CancellationToken cancellation);
}
