using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;
using Xunit;
using static CohortPipeline.Tests.Unit.LocalKinesis.StreamSamples;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class ReshardingTests
{
    private const string First = "shardId-000000000000";
    private const string Second = "shardId-000000000001";
    private const string Third = "shardId-000000000002";
    private static readonly UInt128 Half = UInt128.MaxValue / 2;

    private static readonly string[] Keys20 = [.. Enumerable.Range(0, 20).Select(number => $"key-{number}")];

    [Fact]
    public void Records_lie_in_the_shard_whose_range_has_their_hash()
    {
        var stream = Stream(4);
        foreach (var (key, result) in Keys20.Zip(Put(stream, NoFaults.Instance, Keys20)))
            Assert.True(result.Shard.Range.Contains(ShardHash.Of(System.Text.Encoding.UTF8.GetBytes(key))));
        Assert.Equal(Keys20.Order(), stream.Shards.SelectMany(shard => Keys(stream, shard.Id)).Order());
        Assert.True(stream.Shards.Count(shard => Keys(stream, shard.Id).Length > 0) == 4);
    }

    [Fact]
    public void The_ends_of_a_range_belong_to_it()
    {
        var stream = Stream(2);
        var ranges = stream.Shards.Select(shard => shard.Range).ToArray();
        foreach (var (hashKey, shard) in new[] { (ranges[0].First, First), (ranges[0].Last, First), (ranges[1].First, Second), (ranges[1].Last, Second) })
        {
            using var batch = Batch(("any", [1]));
            batch.Entries[0] = batch.Entries[0] with { HashKey = hashKey };
            var results = new PutResult[1];
            stream.Put(new(1, Name, 1, Now), batch, NoFaults.Instance, results);
            Assert.Equal(shard, results[0].Shard.Id);
        }
    }

    [Fact]
    public void A_split_closes_the_shard_and_opens_two_that_have_its_keys()
    {
        var stream = Stream(1);
        Put(stream, NoFaults.Instance, Keys20);
        stream.Split(First, Half, Now);
        var after = Put(stream, NoFaults.Instance, Keys20);

        Assert.Equal([false, true, true], stream.Shards.Select(shard => shard.IsOpen));
        Assert.Equal([new(0, UInt128.MaxValue), new(0, Half - 1), new(Half, UInt128.MaxValue)], stream.Shards.Select(shard => shard.Range));
        Assert.Equal([null, First, First], stream.Shards.Select(shard => shard.Parent?.Id));
        Assert.Equal(Keys20, Keys(stream, First));
        Assert.Equal(Keys20.Order(), Keys(stream, Second).Concat(Keys(stream, Third)).Order());
        Assert.All(after, result => Assert.True(result.Number > stream.Shards[0].Closed!.Value.Number));
    }

    [Fact]
    public void A_merge_closes_both_shards_and_opens_one_that_has_their_keys()
    {
        var stream = Stream(3);
        stream.Merge(Third, Second, Now);
        var merged = stream.Shards[3];
        Assert.Equal((Third, Second), (merged.Parent!.Id, merged.AdjacentParent!.Id));
        Assert.Equal(new(HashRange.Even(3)[1].First, UInt128.MaxValue), merged.Range);
        Assert.Equal([true, false, false, true], stream.Shards.Select(shard => shard.IsOpen));
        Assert.Equal(Keys20.Length, Put(stream, NoFaults.Instance, Keys20).Count(result => result.Shard.Id is First or "shardId-000000000003"));
    }

    [Fact]
    public void Shards_that_are_apart_are_not_merged() =>
        Assert.Equal(
            new("InvalidArgumentException", $"Shards {First} and {Third} in stream {Name} under account {KinesisError.Account} are not an adjacent pair of shards eligible for merging"),
            Refusal(() => Stream(3).Merge(First, Third, Now)));

    [Fact]
    public void A_split_needs_a_start_well_inside_the_range()
    {
        var stream = Stream(2);
        var last = stream.Shards[0].Range.Last;
        Assert.Equal("InvalidArgumentException", Refusal(() => stream.Split(First, 1, Now)).Type);
        Assert.Equal("InvalidArgumentException", Refusal(() => stream.Split(First, last, Now)).Type);
        stream.Split(First, 2, Now);
        Assert.Equal(new(0, 1), stream.Shards[2].Range);
        stream.Split(Second, UInt128.MaxValue - 1, Now);
        Assert.Equal(new(UInt128.MaxValue - 1, UInt128.MaxValue), stream.Shards[5].Range);
    }

    [Fact]
    public void A_closed_or_unknown_shard_is_not_resharded()
    {
        var stream = Stream(2);
        stream.Split(First, 1_000, Now);
        Assert.Equal("InvalidArgumentException", Refusal(() => stream.Split(First, 1_000, Now)).Type);
        Assert.Equal("InvalidArgumentException", Refusal(() => stream.Merge(First, Second, Now)).Type);
        Assert.Equal("ResourceNotFoundException", Refusal(() => stream.Split("shardId-000000000009", 1_000, Now)).Type);
    }

    [Fact]
    public void Children_begin_with_a_full_rate()
    {
        var stream = Stream(1, new(20, 1_000));
        Assert.All(Put(stream, NoFaults.Instance, Keys20), result => Assert.Null(result.Error));
        Assert.Equal("ProvisionedThroughputExceededException", Put(stream, NoFaults.Instance, "more")[0].Error?.Type);
        stream.Split(First, Half, Now);
        Assert.All(Put(stream, NoFaults.Instance, Keys20), result => Assert.Null(result.Error));
    }
}
