using CohortPipeline.Kinesis.Local;
using Xunit;
using static CohortPipeline.Tests.Unit.LocalKinesis.StreamSamples;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class FaultTests
{
    private const ulong Seed = 20_261_128;

    [Fact]
    public void A_failed_entry_is_not_stored_and_the_others_are()
    {
        var stream = Stream(1);
        var results = Put(stream, new Script("b"), "a", "b", "c");
        Assert.Equal([null, "InternalFailure", null], results.Select(result => result.Error?.Type));
        Assert.Equal(["a", "c"], Keys(stream, "shardId-000000000000"));
    }

    [Fact]
    public void A_failed_entry_takes_nothing_of_the_rate()
    {
        var stream = Stream(1, new(2, 1_000));
        Assert.Equal([null, "InternalFailure", null, "ProvisionedThroughputExceededException"], Put(stream, new Script("b"), "a", "b", "c", "d").Select(result => result.Error?.Type));
    }

    [Fact]
    public void A_shard_of_its_own_rate_throttles_and_the_others_do_not()
    {
        var stream = Stream(2);
        stream.Limit("shardId-000000000001", new(1, 1_000), Now);
        string[] keys = [.. Enumerable.Range(0, 100).Select(number => $"{number}")];
        var results = Put(stream, NoFaults.Instance, keys).GroupBy(result => result.Shard.Id).ToDictionary(group => group.Key, group => group.Count(result => result.Error is null));
        Assert.Equal(1, results["shardId-000000000001"]);
        Assert.True(results["shardId-000000000000"] > 30);
    }

    [Fact]
    public void Shares_come_out_and_a_seed_says_the_same_again()
    {
        var shares = new FaultShares { FailedEntries = 0.2, ThrottledEntries = 0.1, FailedCalls = 0.05, Unanswered = 0.02, Late = 0.03 };
        var (faults, again, other) = (new RandomFaults(Seed, shares), new RandomFaults(Seed, shares), new RandomFaults(Seed + 1, shares));
        PutCall[] calls = [.. Enumerable.Range(1, 20_000).Select(number => new PutCall(number, Name, 1, Now))];
        var fates = calls.Select(call => faults.OnCall(call)).ToArray();
        Assert.Equal(fates, calls.Select(call => again.OnCall(call)));
        Assert.NotEqual(fates, calls.Select(call => other.OnCall(call)));
        Assert.Equal(0.05, fates.Average(fate => fate.Refusal is null ? 0 : 1), 0.01);
        Assert.Equal(0.02, fates.Average(fate => fate.IsUnanswered && fate.StoredAfter == default ? 1 : 0), 0.01);
        Assert.Equal(0.03, fates.Average(fate => fate.IsUnanswered && fate.StoredAfter > default(TimeSpan) ? 1 : 0), 0.01);
        Assert.All(fates, fate => Assert.True(fate.StoredAfter < shares.LatenessMax));

        var entries = calls.Select(call => faults.OnEntry(call, 3, "k"u8, "shardId-000000000000")?.Type).ToArray();
        Assert.Equal(0.2, entries.Average(type => type == "InternalFailure" ? 1 : 0), 0.01);
        Assert.Equal(0.1, entries.Average(type => type == "ProvisionedThroughputExceededException" ? 1 : 0), 0.01);
    }

    /// <summary>Entries of one key fail.</summary>
    private sealed class Script(string key) : IPutFaults
    {
        public CallFate OnCall(in PutCall call) => default;

        public KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId) =>
            System.Text.Encoding.UTF8.GetString(partitionKey) == key ? KinesisError.InternalFailure : null;
    }
}
