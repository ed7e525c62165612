using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis.Delivery;

/// <summary>What the map believes, against a stream that is split and merged under it and whose answers come late.</summary>
public sealed class ShardMapTests
{
    private readonly ShardMap _map = new(id => new(id, 1_000, 1_000_000, 1));

    [Fact]
    public void Before_the_first_answer_the_stream_is_one_shard()
    {
        Assert.Same(_map.Of(0), _map.Of(UInt128.MaxValue));
        Assert.Single(_map.Shards);
    }

    [Fact]
    public void A_hash_between_two_ranges_is_taken_for_the_nearer()
    {
        Learn(100, 1);
        Learn(200, 1);
        Learn(1_000, 2);
        Assert.Equal(Id(1), _map.Of(0).Id);
        Assert.Equal(Id(1), _map.Of(150).Id);
        Assert.Equal(Id(1), _map.Of(599).Id);
        Assert.Equal(Id(2), _map.Of(601).Id);
        Assert.Equal(Id(2), _map.Of(UInt128.MaxValue).Id);
    }

    [Fact]
    public void What_waits_at_a_shard_that_may_not_be_its_own_is_told()
    {
        Assert.Same(_map.Of(0), Assert.Single(_map.Learn(100, Id(1))));
        Assert.Empty(_map.Learn(100, Id(1)));
        Assert.Empty(_map.Learn(150, Id(1)));
        Assert.Equal(Id(1), Assert.Single(_map.Learn(900, Id(2))).Id);
    }

    [Fact]
    public void A_split_shard_goes_when_a_child_is_seen_and_does_not_come_back_by_a_late_answer()
    {
        Learn(0, 1);
        Learn(1_000, 1);
        Learn(400, 2);
        Assert.Equal(Id(2), _map.Of(1_000).Id);
        Learn(600, 3);
        Learn(400, 1);
        Assert.Equal(Id(2), _map.Of(0).Id);
        Assert.Equal(Id(3), _map.Of(1_000).Id);
        Assert.DoesNotContain(_map.Shards, shard => shard.Id == Id(1));
    }

    [Fact]
    public void Merged_shards_go_one_after_the_other()
    {
        Learn(100, 1);
        Learn(900, 2);
        Learn(100, 3);
        Assert.Equal(Id(3), _map.Of(100).Id);
        Assert.Equal(Id(2), _map.Of(900).Id);
        Learn(900, 3);
        Assert.Equal(Id(3), _map.Of(900).Id);
        Assert.Equal([Id(3)], _map.Shards.Skip(1).Select(shard => shard.Id));
    }

    [Fact]
    public void In_the_end_it_knows_every_shard_of_a_stream_that_changed()
    {
        foreach (var seed in Cases.Seeds(200))
        {
            var random = new Random(seed);
            var map = new ShardMap(id => new(id, 1_000, 1_000_000, 1));
            var stream = new List<(int Number, int Low, int High)> { (0, 0, 1_000) };
            var late = new List<(int Hash, int Shard)>();
            var next = 1;
            for (var step = 0; step < 600; step++)
            {
                if (step < 300 && random.Next(30) == 0)
                    Change(random, stream, ref next);
                var hash = random.Next(1_000);
                late.Add((hash, stream.Find(shard => shard.Low <= hash && hash < shard.High).Number));
                if (random.Next(4) == 0)
                    continue;
                var answer = random.Next(late.Count);
                map.Learn((UInt128)late[answer].Hash, Id(late[answer].Shard));
                late.RemoveAt(answer);
            }

            for (var hash = 0; hash < 1_000; hash++)
                map.Learn((UInt128)hash, Id(stream.Find(shard => shard.Low <= hash && hash < shard.High).Number));
            foreach (var (number, low, high) in stream)
            {
                Assert.True(map.Of((UInt128)low).Id == Id(number), $"seed {seed}: {low} is taken for {map.Of((UInt128)low).Id}");
                Assert.True(map.Of((UInt128)(high - 1)).Id == Id(number), $"seed {seed}: {high - 1} is taken for {map.Of((UInt128)(high - 1)).Id}");
            }

            Assert.True(map.Shards.Count == stream.Count + 1, $"seed {seed}: {map.Shards.Count - 1} shards are known of {stream.Count}");
        }
    }

    private static void Change(Random random, List<(int Number, int Low, int High)> stream, ref int next)
    {
        var at = random.Next(stream.Count);
        var (_, low, high) = stream[at];
        if (at + 1 < stream.Count && random.Next(2) == 0)
        {
            stream[at] = (next++, low, stream[at + 1].High);
            stream.RemoveAt(at + 1);
        }
        else if (high - low > 10)
        {
            stream[at] = (next++, low, (low + high) / 2);
            stream.Insert(at + 1, (next++, (low + high) / 2, high));
        }
    }

    private void Learn(int hash, int shard) => _map.Learn((UInt128)hash, Id(shard));

    private static string Id(int number) => $"shardId-{number:d12}";
}
