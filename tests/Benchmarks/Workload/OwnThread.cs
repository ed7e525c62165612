namespace CohortPipeline.Benchmarks.Workload;

/// <summary>Long work beside the caller's.</summary>
internal static class OwnThread
{
    public static Task Run(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
