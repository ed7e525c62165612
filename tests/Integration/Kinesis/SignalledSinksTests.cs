using System.Globalization;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>
/// Goal: whatever is done to a sink's process, its stream's receiver has every change once, in order, and what comes again it
/// can tell. Method: kinesis-sink as a process of its own on a real Kafka, before a Kinesis that fails a fifth of the entries,
/// gets kill -9, stands still for longer than its session while another takes over, and is scaled from one to two and back;
/// several such pipelines at once, since most of it is waiting for sessions to end.
/// </summary>
/// <remarks><c>SEED</c> says which seeds, <c>POINTS</c> how many points in all.</remarks>
public sealed class SignalledSinksTests(SharedKafka kafka, ITestOutputHelper output)
{
    private const int Pipelines = 4;
    private const int PointsInTests = 20;

    [Fact]
    public async Task A_receiver_has_every_change_in_order_whatever_is_done_to_the_sinks()
    {
        var points = int.TryParse(Environment.GetEnvironmentVariable("POINTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : PointsInTests;
        await using var log = await kafka.OpenAsync();
        var servers = await kafka.ServersAsync();
        var cancellation = TestContext.Current.CancellationToken;
        var seed = Cases.Seeds(Pipelines).First();
        var ends = await Task.WhenAll(Enumerable.Range(seed, Pipelines).Select(each => new SignalledSinks(log, servers, each).RunAsync(points / Pipelines, cancellation)));
        output.WriteLine($"{points} points from seed {seed}: {ends.Sum(end => end.Sent)} deltas, {ends.Sum(end => end.Repeats)} records came again");
        Assert.True(ends.Sum(end => end.Repeats) > 0, "nothing came again: no process was hit while something was on its way");
    }
}
