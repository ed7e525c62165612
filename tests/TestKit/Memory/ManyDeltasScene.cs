using CohortPipeline.Rules.Definitions;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.TestKit.Memory;

/// <summary>As many cohorts as there may be, and events each of which makes its user a member of all of them.</summary>
public sealed record ManyDeltasScene(int Cohorts, int Events)
{
    private const string Service = "membership-evaluator";
    private const int Seed = 32;
    private const int MembershipBytes = 40;
    private const int Users = 1_000_000;

    public async Task<MemoryPeak> RunAsync(string servers, MemoryAllowance allowance, TimeSpan deadline, CancellationToken cancellation)
    {
        // Definitions are held a partition.
        await using var scene = await ServiceScene.CreateAsync(servers, cancellation, partitions: 1);
        using (var feed = new ActivityFeed(scene.Log, scene.Topics.Activity.Name, new(Users, Seed)))
        {
            feed.Define(Definitions());
            feed.Events(Events);
        }

        var peak = await scene.PeakAsync(
            Service,
            allowance.PipelineArguments,
            service => scene.ReadToEndAsync(scene.Groups.Evaluator, scene.Topics.Activity, service.Process, deadline, cancellation),
            cancellation);

        // A membership of each cohort makes these profiles large.
        return new($"{Events:N0} events of {Cohorts:N0} deltas each", Service, peak, allowance.Evaluator(profiles: 0, Cohorts) + ((long)Events * Cohorts * MembershipBytes));
    }

    private List<CohortDefinition> Definitions()
    {
        var text = string.Join("\n---\n", Enumerable.Range(0, Cohorts).Select(number => $$"""{ id: "everyone-{{number}}", where: { did: { event: "*", count: { at_least: 1 } } } }"""));
        var parsed = DefinitionParser.Parse(text, "scene");
        return parsed.IsAccepted ? [.. parsed.Definitions] : throw new InvalidOperationException(parsed.Errors[0].ToString());
    }
}
