using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Chaos;

public sealed class ChaosTests(SharedKafka kafka)
{
    private const int Seed = 13;
    private const int Points = 20;
    private const int StagePoints = 10;

    /// <summary>Each kind of point once or more, half of them on groups of the new protocol. <c>make chaos</c> does the same for longer.</summary>
    [Fact]
    public async Task Twenty_points_lose_nothing_and_double_nothing()
    {
        var said = new List<string>();
        var run = new ChaosRun(kafka, new(Seed, Points, StagePoints, Protocol: null), new Progress(said));
        var summary = await run.RunAsync(TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage(summary);
        Assert.Equal(Points, said.Count(line => !line.Contains("the same deltas", StringComparison.Ordinal)));
    }

    private sealed class Progress(List<string> said) : IProgress<ChaosProgress>
    {
        public void Report(ChaosProgress value) => said.Add(value.ToString());
    }
}
