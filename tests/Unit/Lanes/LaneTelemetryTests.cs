using CohortPipeline.Lanes;
using CohortPipeline.TestKit;
using CohortPipeline.Tests.Unit.Sinks;
using CohortPipeline.Tests.Unit.Telemetry;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

[Collection(ListeningTests.Name)]
public sealed class LaneTelemetryTests
{
    [Fact]
    public void What_is_not_traced_allocates_nothing()
    {
        var telemetry = new LaneTelemetry(new() { Group = "evaluator", Topics = ["activity"], TransactionalId = "evaluator.0" }, TimeProvider.System);
        var batch = new TestBatch().Add("activity", 0, 0, "u:ada", [1]).Add("activity", 0, 1, "u:bob", [2]);
        Assert.Equal(0, Allocations.Least(() =>
        {
            telemetry.Polled(batch, telemetry.Begin());
            telemetry.Processed(batch, telemetry.Begin());
            telemetry.EndCommit(telemetry.BeginCommit(), problem: null);
            telemetry.Forget();
        }));
    }
}
