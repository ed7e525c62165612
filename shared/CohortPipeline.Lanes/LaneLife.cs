namespace CohortPipeline.Lanes;

/// <summary>What a lane has from its surroundings that is never the same twice: who it is this time, how it waits, and chance.</summary>
/// <param name="Number">Of the lane within its instance: part of its transactional id.</param>
/// <param name="Incarnation">Tells this life's commits from those of an earlier one under the same transactional id.</param>
/// <param name="Chance">Draws the jitter of back-offs.</param>
/// <param name="Wait">Waits for so long, or until the lane is to stop.</param>
/// <param name="Restores">Drives the restores of partitions that come; the lane disposes of it.</param>
public sealed record LaneLife(int Number, string Incarnation, Random Chance, Action<TimeSpan> Wait, IRestoreRunner Restores)
{
    /// <summary>A life on a thread that may block.</summary>
    public static LaneLife OnThread(int number, CancellationToken stop) =>
        new(number, Guid.NewGuid().ToString("N"), Random.Shared, duration => stop.WaitHandle.WaitOne(duration), new RestoreThreads($"lane-{number}"));
}
