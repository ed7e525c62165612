using System.Globalization;
using System.Text.RegularExpressions;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Memory;
using Xunit;

namespace CohortPipeline.Tests.Integration.Shipping;

/// <summary>The chart, judged by helm and kubeconform where they are.</summary>
public sealed partial class ChartTests
{
    private const string KubernetesVersion = "1.34.0";
    private static readonly string Chart = Repository.PathOf("charts", "cohort-pipeline");
    private static readonly string FullValues = Repository.PathOf("charts", "cohort-pipeline", "ci", "full-values.yaml");

    [Fact]
    public async Task Passes_helm_lint_strictly()
    {
        var result = await Command.RunAsync(Tool("helm"), ["lint", "--strict", Chart, "-f", FullValues], cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renders_manifests_that_kubernetes_accepts(bool full)
    {
        var manifests = await RenderAsync(full ? ["-f", FullValues] : []);
        var file = Path.ChangeExtension(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), ".yaml");
        try
        {
            await File.WriteAllTextAsync(file, manifests, TestContext.Current.CancellationToken);
            var schemas = Path.Combine(Path.GetDirectoryName(Tool("kubeconform"))!, "k8s-1.34", "{{.ResourceKind}}{{.KindSuffix}}.json");
            var result = await Command.RunAsync(Tool("kubeconform"), ["-strict", "-summary", "-ignore-missing-schemas", "-schema-location", schemas, file], cancellation: TestContext.Current.CancellationToken);
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Matches("Valid: [1-9]", result.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Gives_each_destination_a_deployment_of_its_own()
    {
        var manifests = await RenderAsync(["-f", FullValues]);
        var documents = manifests.Split("\n---\n");
        var ads = Assert.Single(documents, document => document.Contains("kind: Deployment", StringComparison.Ordinal) && document.Contains("name: x-sink-ads-stream", StringComparison.Ordinal));
        Assert.Contains("name: Sink__Destination, value: \"ads-stream\"", ads, StringComparison.Ordinal);
        Assert.Contains("kinesis-sink:", ads, StringComparison.Ordinal);
        Assert.DoesNotContain("replicas:", ads, StringComparison.Ordinal);
        var warehouse = Assert.Single(documents, document => document.Contains("kind: Deployment", StringComparison.Ordinal) && document.Contains("name: x-sink-warehouse", StringComparison.Ordinal));
        Assert.Contains("replicas: 2", warehouse, StringComparison.Ordinal);
        var scaler = Assert.Single(documents, document => document.Contains("kind: ScaledObject", StringComparison.Ordinal));
        Assert.Contains("consumerGroup: \"cohorts.sink.ads-stream\"", scaler, StringComparison.Ordinal);
        Assert.Contains("topic: \"cohorts.membership-deltas\"", scaler, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_every_pod_restricted_and_the_evaluator_with_stable_ordinals()
    {
        var manifests = await RenderAsync(["-f", FullValues]);
        var pods = Pods().Count(manifests);
        Assert.Equal(6, pods);
        foreach (var restriction in (string[])["runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]", "type: RuntimeDefault", "readinessProbe:", "livenessProbe:", "kind: PodDisruptionBudget"])
            Assert.Equal(pods, Regex.Count(manifests, Regex.Escape(restriction)));
        var evaluator = Assert.Single(manifests.Split("\n---\n"), document => document.Contains("kind: StatefulSet", StringComparison.Ordinal) && document.Contains("name: x-membership-evaluator", StringComparison.Ordinal));
        Assert.Contains("apps.kubernetes.io/pod-index", evaluator, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MemoryBounds))]
    public async Task Requests_the_memory_that_a_service_takes_at_most_without_state(string workload, long bound)
    {
        var manifests = await RenderAsync(["-f", FullValues]);
        var pod = Assert.Single(manifests.Split("\n---\n"), document => Pods().IsMatch(document) && document.Contains($"name: x-{workload}\n", StringComparison.Ordinal));
        var requested = Requests().Match(pod);
        Assert.True(long.Parse(requested.Groups[1].Value, CultureInfo.InvariantCulture) * MemoryAllowance.MiB >= bound, $"{workload} requests {requested.Value}, and takes {bound / MemoryAllowance.MiB} MiB");
    }

    public static TheoryData<string, long> MemoryBounds => new()
    {
        { "event-ingest", MemoryAllowance.Default.Ingest },
        { "identify-ingest", MemoryAllowance.Default.Ingest },
        { "membership-evaluator", MemoryAllowance.Default.Evaluator(profiles: 1_000_000, definitions: 0) },
        { "sink-ads-stream", MemoryAllowance.Default.Stream },
        { "sink-warehouse", MemoryAllowance.Default.Bucket },
    };

    [Fact]
    public async Task Refuses_values_that_its_schema_does_not_know()
    {
        var result = await Command.RunAsync(Tool("helm"), ["template", "x", Chart, "--kube-version", KubernetesVersion, "--set", "pipeline.partitions=0", "--set", "pipeline.partitoins=3"], cancellation: TestContext.Current.CancellationToken);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("partitoins", result.Error, StringComparison.Ordinal);
        Assert.Contains("/pipeline/partitions", result.Error, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(string[] more)
    {
        var result = await Command.RunAsync(Tool("helm"), ["template", "x", Chart, "--kube-version", KubernetesVersion, .. more], cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private static string Tool(string name)
    {
        var tool = Repository.BesideOrNull("tools", name);
        Assert.SkipWhen(tool is null, $"{name} is not on this machine");
        return tool!;
    }

    [GeneratedRegex("kind: (Deployment|StatefulSet)")]
    private static partial Regex Pods();

    [GeneratedRegex(@"requests:\s+cpu: \S+\s+memory: (\d+)Mi")]
    private static partial Regex Requests();
}
