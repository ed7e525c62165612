using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.TestKit.Memory;

/// <summary>
/// Records that wait for ingest, and then, as records of <c>activity</c>, for the evaluator: each finds all of them there. Then
/// the evaluator starts anew and restores its profiles.
/// </summary>
/// <param name="HotShare">So many of the records, from 0 to 1, are of one key.</param>
public sealed record BacklogScene(string Name, int Records, int Users, double HotShare)
{
    private const string Evaluator = "membership-evaluator";
    private const int Seed = 31;

    public async Task<IReadOnlyList<MemoryPeak>> RunAsync(string servers, MemoryAllowance allowance, TimeSpan deadline, CancellationToken cancellation)
    {
        await using var scene = await ServiceScene.CreateAsync(servers, cancellation);
        var cohorts = WorkloadCohorts.All();
        using (var feed = new ActivityFeed(scene.Log, scene.Topics.Activity.Name, new(Users, Seed)))
            feed.Define(cohorts);
        SourceFeed.Publish(scene.Log, scene.Events.Name, new(Users, Seed, HotShare), Records);

        var ingest = await scene.PeakAsync(
            "event-ingest",
            allowance.PipelineArguments,
            service => scene.ReadToEndAsync(scene.Groups.EventIngest, scene.Events, service.Process, deadline, cancellation),
            cancellation);
        var evaluator = await scene.PeakAsync(
            Evaluator,
            allowance.PipelineArguments,
            service => scene.ReadToEndAsync(scene.Groups.Evaluator, scene.Topics.Activity, service.Process, deadline, cancellation),
            cancellation);
        var restored = await scene.PeakAsync(Evaluator, allowance.PipelineArguments, _ => Task.CompletedTask, cancellation);

        var evaluatorBound = allowance.Evaluator(Users, (long)cohorts.Count * ServiceScene.DefaultPartitions);
        return
        [
            new(Name, "event-ingest", ingest, allowance.Ingest),
            new(Name, Evaluator, evaluator, evaluatorBound),
            new($"{Name}, then started anew", Evaluator, restored, evaluatorBound),
        ];
    }
}
