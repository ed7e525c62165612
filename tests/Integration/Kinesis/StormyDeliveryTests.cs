using System.Globalization;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>
/// Goal: whatever the stream does, its receiver ends up with the members that were sent, first occurrences in order, nothing
/// lost. Method: thousands of deltas from a real Kafka, by <c>kinesis-sink</c> as a process of its own, through a Kinesis that
/// fails entries, throttles, stores without answering and stores late, by a seed, while a shard is split and two are merged;
/// then the stream is read as its owner would. <c>DELTAS</c> says how many are those of many users.
/// </summary>
public sealed class StormyDeliveryTests(SharedKafka kafka)
{
    private const ulong Seed = 20_261_128;
    private const int FewUsers = 300;
    private const int FewUsersChanges = 20;
    private const int ManyUsers = 10_000;
    private const int DeltasInTests = 50_000;

    /// <summary>Less than what the sink tries: shards throttle on their own account.</summary>
    private static readonly Storm Small = new(
        new() { FailedEntries = 0.2, Unanswered = 0.02, Late = 0.01, FailedCalls = 0.01, LatenessMax = TimeSpan.FromSeconds(1) },
        new(800, 1024 * 1024),
        "records_per_request: 40\n");

    private static readonly Storm Large = new(
        new() { FailedEntries = 0.2, Unanswered = 0.02 },
        Rate: null,
        "shard_records_per_second: 1000000000\nshard_bytes_per_second: 1000000000\n");

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_receiver_has_what_was_sent_through_throttles_and_faults_of_every_kind_a_split_and_a_merge() =>
        DeliverAsync(FewUsers, FewUsersChanges, Small);

    [Fact]
    public Task A_receiver_has_what_ten_thousand_users_did_though_a_fifth_of_the_entries_fails()
    {
        var deltas = Environment.GetEnvironmentVariable("DELTAS") is { Length: > 0 } given ? int.Parse(given, NumberStyles.None, CultureInfo.InvariantCulture) : DeltasInTests;
        return DeliverAsync(ManyUsers, deltas / ManyUsers, Large);
    }

    private async Task DeliverAsync(int users, int changesOfEach, Storm storm)
    {
        await using var log = await kafka.OpenAsync();
        var options = new KinesisServerOptions { Faults = new RandomFaults(Seed, storm.Shares), Rate = storm.Rate };
        await using var scene = await KinesisSinkScene.CreateAsync(log, await kafka.ServersAsync(), options, storm.Fields, [], Cancellation);
        for (var version = 1; version <= changesOfEach; version++)
            scene.Send([.. SentDeltas.Changes(users, version).Where((_, user) => version < changesOfEach || user % 3 != 0)]);

        await scene.StartAsync(0, Cancellation);
        await scene.StoredAsync(scene.SentCount / 4, Deadline, Cancellation);
        await scene.SplitAsync(Cancellation);
        await scene.StoredAsync(scene.SentCount / 2, Deadline, Cancellation);
        await scene.MergeAsync(Cancellation);
        Assert.InRange(await scene.ReceiveAsync(Deadline, Cancellation), 1, scene.SentCount / 10);
    }

    /// <param name="Shares">How often what goes wrong.</param>
    /// <param name="Rate">Of a shard; null: any.</param>
    /// <param name="Fields">Of the destination.</param>
    private sealed record Storm(FaultShares Shares, ShardRate? Rate, string Fields);
}
