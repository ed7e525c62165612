using System.Collections.Concurrent;
using System.Text;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using Xunit;
using static CohortPipeline.Tests.Integration.Kinesis.SenderFixtures;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>What the product's own client makes of a Kinesis that is not well.</summary>
public sealed class LocalKinesisFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Script _script = new();
    private LocalKinesis _kinesis = null!;
    private KinesisSender _sender = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kinesis = await LocalKinesis.StartAsync(new() { Faults = _script, Rate = new(5, 10_000) });
        _kinesis.Server.CreateStream("s", 1);
        _sender = new(Client(_kinesis.Address, _kinesis.Credentials), Destination("s", _kinesis.Address), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _kinesis.DisposeAsync();
    }

    [Fact]
    public async Task Failed_entries_come_by_position_and_the_others_are_stored()
    {
        _script.Entries["b"] = KinesisError.InternalFailure;
        var response = await SendAsync("a", "b", "c");
        Assert.Equal([null, "InternalFailure", null], response.Codes());
        Assert.Equal(["a", "c"], await StoredAsync());
    }

    [Fact]
    public async Task A_shard_above_its_rate_throttles_the_rest_of_the_call()
    {
        var response = await SendAsync("1", "2", "3", "4", "5", "6", "7");
        Assert.Equal([null, null, null, null, null, "ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException"], response.Codes());
        Assert.All(response.Entries!, entry => Assert.Equal("shardId-000000000000", entry.ShardId));
        Assert.Equal(["1", "2", "3", "4", "5"], await StoredAsync());
    }

    [Fact]
    public async Task A_failing_server_passes_and_a_denied_call_is_a_refusal()
    {
        _script.Calls.Enqueue(CallFate.Refused(KinesisError.InternalFailure));
        _script.Calls.Enqueue(CallFate.Refused(KinesisError.Throttled("shardId-000000000000", "s")));
        _script.Calls.Enqueue(CallFate.Refused(KinesisError.AccessDenied("PutRecords", "arn")));
        Assert.Equal([(FailureKind.Transient, "InternalFailure"), (FailureKind.Transient, "ProvisionedThroughputExceededException"), (FailureKind.Refused, "AccessDeniedException")], [await FailAsync(), await FailAsync(), await FailAsync()]);
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task A_call_that_is_not_answered_passes_and_is_stored()
    {
        _script.Calls.Enqueue(CallFate.StoredUnanswered());
        _script.Calls.Enqueue(CallFate.StoredUnanswered(TimeSpan.FromMilliseconds(20)));
        Assert.Equal(FailureKind.Transient, (await FailAsync("a")).Kind);
        Assert.Equal(FailureKind.Transient, (await FailAsync("b")).Kind);
        Assert.Equal(["a", "b"], await StoredAsync());
    }

    [Fact]
    public async Task A_late_call_is_stored_behind_what_came_after_it()
    {
        _script.Calls.Enqueue(CallFate.StoredLate(TimeSpan.FromMilliseconds(500)));
        Assert.Equal(FailureKind.Transient, (await FailAsync("a")).Kind);
        Assert.Empty(await StoredAsync());
        Assert.Equal([null], (await SendAsync("b")).Codes());
        await Eventually.HoldsAsync(() => _kinesis.Server.StoredRecords("s") == 2, "the late one is not there", Deadline, Cancellation);
        Assert.Equal(["b", "a"], await StoredAsync());
    }

    [Fact]
    public async Task A_slow_answer_is_an_answer()
    {
        _script.Calls.Enqueue(CallFate.Slow(TimeSpan.FromMilliseconds(50)));
        Assert.Equal([null], (await SendAsync("a")).Codes());
    }

    private Task<DeliveryResponse> SendAsync(params string[] keys) => _sender.SendAsync(Request([.. keys.Select(key => (key, Encoding.UTF8.GetBytes(key)))]), Cancellation);

    private async Task<(FailureKind Kind, string Code)> FailAsync(string key = "x")
    {
        var response = await SendAsync(key);
        Assert.Null(response.Codes());
        return (response.Kind, response.Code);
    }

    private async Task<IEnumerable<string>> StoredAsync() => (await _kinesis.Calls.ReadStreamAsync("s", Cancellation)).Select(record => record.PartitionKey);

    /// <summary>A fate for each call to come, and errors by key.</summary>
    private sealed class Script : IPutFaults
    {
        public ConcurrentQueue<CallFate> Calls { get; } = new();

        public ConcurrentDictionary<string, KinesisError> Entries { get; } = new();

        public CallFate OnCall(in PutCall call) => Calls.TryDequeue(out var fate) ? fate : default;

        public KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId) => Entries.GetValueOrDefault(Encoding.UTF8.GetString(partitionKey));
    }
}
