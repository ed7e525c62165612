using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws.Kinesis;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis.Compliance;

/// <summary>What every server that calls itself Kinesis does. Where ours and those of others agree, neither rests on our reading alone.</summary>
public abstract class KinesisComplianceTests : IAsyncLifetime
{
    protected const string First = "shardId-000000000000";
    private static int _streams;

    private readonly string _stream = $"compliance-{Interlocked.Increment(ref _streams)}";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected KinesisCalls Calls { get; private set; } = null!;

    /// <summary>The product's own way to put records.</summary>
    private protected KinesisSender Sender { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var (server, credentials) = await ServerAsync();
        Calls = new(server, credentials);
        Sender = new(SenderFixtures.Client(server, credentials), SenderFixtures.Destination(_stream, server), null);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Sender is not null)
            await Sender.DisposeAsync();
        Calls?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_stream_has_shards_of_one_size_and_takes_records(int count)
    {
        await Calls.CreateStreamAsync(_stream, count, Cancellation);
        var shards = await Calls.ListShardsAsync(_stream, Cancellation);
        Assert.Equal(HashRange.Even(count).Select((range, index) => new ListedShard($"shardId-{index:d12}", range.First, range.Last, null, null, true)), shards);
        var summary = (await Calls.CallAsync("DescribeStreamSummary", Stream(), Cancellation))["StreamDescriptionSummary"]!;
        Assert.Equal((_stream, "ACTIVE", count), ((string?)summary["StreamName"], (string?)summary["StreamStatus"], (int)summary["OpenShardCount"]!));
        Assert.EndsWith($":stream/{_stream}", (string?)summary["StreamARN"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_lie_byte_for_byte_in_the_shard_of_their_key_in_the_order_of_the_call()
    {
        await Calls.CreateStreamAsync(_stream, 3, Cancellation);
        var entries = Enumerable.Range(0, 100).Select(number => (Key: $"kéy-{number % 20}", Data: Encoding.UTF8.GetBytes($"{number}: é{new string('x', number)}"))).ToArray();
        var response = await Sender.SendAsync(SenderFixtures.Request(entries), Cancellation);

        Assert.Equal(entries.Select(entry => new EntryResult(null, ShardOf(entry.Key, 3))), response.Entries!);
        foreach (var shard in await Calls.ListShardsAsync(_stream, Cancellation))
        {
            var places = Enumerable.Range(0, entries.Length).Where(place => response.Entries![place].ShardId == shard.Id).ToArray();
            var (records, next) = await Calls.RecordsAsync(await Calls.IteratorAsync(_stream, shard.Id, "TRIM_HORIZON", null, Cancellation), Cancellation);
            Assert.NotNull(next);
            Assert.Equal(places.Select(place => entries[place].Key), records.Select(record => record.PartitionKey));
            Assert.Equal(places.Select(place => Text(entries[place].Data)), records.Select(record => Text(record.Data)));
            var numbers = records.Select(record => BigInteger.Parse(record.SequenceNumber, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    [Fact]
    public async Task An_explicit_hash_key_says_the_shard()
    {
        await Calls.CreateStreamAsync(_stream, 2, Cancellation);
        var second = (await Calls.ListShardsAsync(_stream, Cancellation))[1];
        foreach (var (hashKey, shard) in new[] { (UInt128.Zero, First), (second.First, second.Id) })
        {
            var answer = await Calls.CallAsync(
                "PutRecord", Stream(("PartitionKey", "a"), ("Data", "AQ=="), ("ExplicitHashKey", hashKey.ToString(CultureInfo.InvariantCulture))), Cancellation);
            Assert.Equal(shard, (string?)answer["ShardId"]);
        }
    }

    [Fact]
    public async Task Iterators_begin_where_they_say()
    {
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        var numbers = await PutAsync("a", "b", "c");
        Assert.Equal(["a", "b", "c"], await ReadAsync("TRIM_HORIZON"));
        Assert.Equal(["b", "c"], await ReadAsync("AT_SEQUENCE_NUMBER", numbers[1]));
        Assert.Equal(["c"], await ReadAsync("AFTER_SEQUENCE_NUMBER", numbers[1]));

        var latest = await Calls.IteratorAsync(_stream, First, "LATEST", null, Cancellation);
        Assert.Empty((await Calls.RecordsAsync(latest, Cancellation)).Records);
        await PutAsync("d");
        Assert.Equal(["d"], (await Calls.RecordsAsync(latest, Cancellation)).Records.Select(record => record.PartitionKey));
    }

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended()
    {
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        await PutAsync("a", "b", "c", "d", "e");
        string? iterator = await Calls.IteratorAsync(_stream, First, "TRIM_HORIZON", null, Cancellation);
        var pages = new List<string>();
        for (var page = 0; page < 4; page++)
        {
            var (records, next) = await Calls.RecordsAsync(iterator!, Cancellation, limit: 2);
            pages.Add(string.Concat(records.Select(record => record.PartitionKey)));
            iterator = next;
        }

        Assert.Equal(["ab", "cd", "e", ""], pages);
    }

    [Fact]
    public async Task A_split_and_a_merge_close_their_shards_and_open_children()
    {
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        var whole = Assert.Single(await Calls.ListShardsAsync(_stream, Cancellation));
        await Calls.SplitAsync(_stream, whole, Cancellation);
        var split = await Calls.ListShardsAsync(_stream, Cancellation);
        var halves = HashRange.Even(2);
        Assert.Equal(
            [whole with { IsOpen = false }, new("shardId-000000000001", halves[0].First, halves[0].Last, First, null, true), new("shardId-000000000002", halves[1].First, halves[1].Last, First, null, true)],
            split);
        await Calls.MergeAsync(_stream, split[1], split[2], Cancellation);
        var merged = await Calls.ListShardsAsync(_stream, Cancellation);
        Assert.Equal(new("shardId-000000000003", whole.First, whole.Last, split[1].Id, split[2].Id, true), merged[3]);
        Assert.Equal([false, false, false, true], merged.Select(shard => shard.IsOpen));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await RefusedAsync("ResourceNotFoundException", "DescribeStreamSummary", Stream());
        var absent = await Sender.SendAsync(SenderFixtures.Request(("a", [1])), Cancellation);
        Assert.Equal("ResourceNotFoundException", absent.Code);
        Assert.Contains(_stream, absent.Detail, StringComparison.Ordinal);
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        await RefusedAsync("ResourceNotFoundException", "GetShardIterator", Stream(("ShardId", "shardId-000000000009"), ("ShardIteratorType", "TRIM_HORIZON")));
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        var create = Stream();
        create["ShardCount"] = 1;
        await RefusedAsync("ResourceInUseException", "CreateStream", create);
    }

    /// <summary>Where the server is; skips the test where there is none.</summary>
    protected abstract Task<(Uri Server, AWSCredentials Credentials)> ServerAsync();

    /// <summary>For the servers that do this right: what was put before stays where it is, what comes after goes to the children.</summary>
    protected async Task ChildrenTakeTheirParentsKeysAsync()
    {
        await Calls.CreateStreamAsync(_stream, 1, Cancellation);
        await PutAsync("before");
        await Calls.SplitAsync(_stream, Assert.Single(await Calls.ListShardsAsync(_stream, Cancellation)), Cancellation);
        string[] keys = [.. Enumerable.Range(0, 20).Select(number => $"{number}")];
        await PutAsync(keys);
        var shards = await Calls.ListShardsAsync(_stream, Cancellation);
        foreach (var shard in shards.Skip(1))
            Assert.Equal(keys.Where(key => ShardHash.Of(Encoding.UTF8.GetBytes(key)) is var hashKey && hashKey >= shard.First && hashKey <= shard.Last), await ReadAsync("TRIM_HORIZON", shard: shard.Id));
        Assert.Equal(["before"], await ReadAsync("TRIM_HORIZON"));

        await Calls.MergeAsync(_stream, shards[1], shards[2], Cancellation);
        await PutAsync(keys);
        Assert.Equal(keys, await ReadAsync("TRIM_HORIZON", shard: "shardId-000000000003"));
    }

    protected Task NewStreamAsync() => Calls.CreateStreamAsync(_stream, 1, Cancellation);

    private async Task<string[]> PutAsync(params string[] keys)
    {
        var call = Stream();
        call["Records"] = new JsonArray([.. keys.Select(key => new JsonObject { ["PartitionKey"] = key, ["Data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(key)) })]);
        var answer = await Calls.CallAsync("PutRecords", call, Cancellation);
        return [.. answer["Records"]!.AsArray().Select(entry => (string)entry!["SequenceNumber"]!)];
    }

    private async Task<IEnumerable<string>> ReadAsync(string type, string? sequence = null, string shard = First) =>
        (await Calls.RecordsAsync(await Calls.IteratorAsync(_stream, shard, type, sequence, Cancellation), Cancellation)).Records.Select(record => record.PartitionKey);

    protected async Task RefusedAsync(string type, string operation, JsonObject call)
    {
        var error = await Assert.ThrowsAsync<KinesisCallException>(() => Calls.CallAsync(operation, call, Cancellation));
        Assert.Equal((400, type), (error.Status, error.Type));
    }

    protected JsonObject Stream(params (string Member, string Value)[] more)
    {
        var call = new JsonObject { ["StreamName"] = _stream };
        foreach (var (member, value) in more)
            call[member] = value;
        return call;
    }

    private static string ShardOf(string key, int shards)
    {
        var hashKey = ShardHash.Of(Encoding.UTF8.GetBytes(key));
        return $"shardId-{HashRange.Even(shards).Index().Single(entry => entry.Item.Contains(hashKey)).Index:d12}";
    }

    private static string Text(byte[] data) => Encoding.UTF8.GetString(data);
}
