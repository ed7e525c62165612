using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Memory;
using Xunit;

namespace CohortPipeline.Tests.Integration.Memory;

/// <summary>
/// What a service's process takes at its peak stays under the bound of <c>docs/memory.md</c>, with the smallest buffers that there
/// are, so that more than a buffer's worth waits in each. The scenes of <c>make bench WHAT=memory</c> are the same with much more.
/// </summary>
public sealed class MemoryTests(SharedKafka kafka)
{
    private const int Users = 20_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a backlog", 300_000, 0)]
    [InlineData("a backlog of one key", 200_000, 0.9)]
    public async Task Ingest_and_evaluator_stay_within_theirs_while_they_catch_up(string scene, int records, double hotShare) =>
        Assert.All(await new BacklogScene(scene, records, Users, hotShare).RunAsync(await kafka.ServersAsync(), MemoryAllowance.Least, Deadline, Cancellation), AssertWithin);

    [Fact]
    public async Task The_evaluator_stays_within_its_own_where_each_event_makes_ten_thousand_deltas() =>
        AssertWithin(await new ManyDeltasScene(Cohorts: 10_000, Events: 40).RunAsync(await kafka.ServersAsync(), MemoryAllowance.Least, Deadline, Cancellation));

    [Fact]
    public async Task A_sink_stays_within_its_own_while_its_stream_stands_still() =>
        AssertWithin(await BackloggedSink.OfStillStreamAsync(await kafka.ServersAsync(), MemoryAllowance.Least, deltas: 200_000, noteBytes: 200, Deadline, Cancellation));

    [Theory]
    [InlineData(200_000, 200)]
    [InlineData(1_000, 100_000)]
    public async Task A_sink_stays_within_its_own_while_its_stream_takes_all_that_it_sends(int deltas, int noteBytes) =>
        AssertWithin(await BackloggedSink.OfFastStreamAsync(await kafka.ServersAsync(), MemoryAllowance.Least, deltas, noteBytes, Deadline, Cancellation));

    [Fact]
    public async Task A_sink_stays_within_its_own_while_its_bucket_stands_still() =>
        AssertWithin(await BackloggedSink.OfStillBucketAsync(await kafka.ServersAsync(), MemoryAllowance.Least, cohorts: 10, members: 10_000, Deadline, Cancellation));

    private static void AssertWithin(MemoryPeak peak)
    {
        TestContext.Current.SendDiagnosticMessage("{0}", peak);
        Assert.True(peak.IsWithinBound, $"{peak}");
    }
}
