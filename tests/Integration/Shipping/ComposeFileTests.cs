using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Integration.Shipping;

/// <summary>The compose file, judged by the parser that Docker uses.</summary>
public sealed class ComposeFileTests
{
    private static readonly string[] Services = ["event-ingest", "identify-ingest", "membership-evaluator", "control-api", "kinesis-sink", "s3-sink"];

    [Fact]
    public async Task Is_valid_and_builds_every_service_from_a_dockerfile_that_exists()
    {
        var tool = Repository.BesideOrNull("tools", "compose-config");
        Assert.SkipWhen(tool is null, "compose-config is not on this machine");
        var result = await Command.RunAsync(tool!, [Repository.PathOf("docker-compose.yml")], cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        foreach (var service in Services)
        {
            Assert.Contains($"\n    {service}:\n", result.Output, StringComparison.Ordinal);
            Assert.Contains($"dockerfile: services/{service}/Dockerfile", result.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(Repository.PathOf("services", service, "Dockerfile")));
        }
    }

    [Fact]
    public void Pins_every_image()
    {
        var images = File.ReadLines(Repository.PathOf("docker-compose.yml")).Where(line => line.TrimStart().StartsWith("image:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(images);
        Assert.All(images, image => Assert.Matches(@"image: \S+:\d+(\.\d+)+$", image));
    }
}
