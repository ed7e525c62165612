using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis.Delivery;

public sealed class DeliveryQueueTests
{
    private const string Throttled = "ProvisionedThroughputExceededException";
    private const string Failing = "InternalFailure";

    private static readonly DeliveryLimits Limits = new(500, 1_000_000, 4, 10_000, 10_000_000);

    private readonly DeliveryQueue _queue = new(Limits, 1);
    private readonly PartitionProgress _progress = new(new("deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new());
    private long _offset;

    [Fact]
    public void Sends_one_of_a_key_at_a_time_in_order()
    {
        Add("first", "ada");
        Add("second", "ada");
        Add("other", "bob");
        var request = _queue.TryStart(0)!;
        Assert.Equal(["first", "other"], Payloads(request));
        Assert.Null(_queue.TryStart(0));

        Accept(request);
        Assert.Equal(["second"], Payloads(_queue.TryStart(0)!));
    }

    [Fact]
    public void Sends_only_what_was_rejected_again_and_before_anything_later_of_its_key()
    {
        Add("first", "ada");
        Add("second", "ada");
        Add("other", "bob");
        _queue.Complete(_queue.TryStart(0)!, Answered(Failing, null), 0);
        Assert.Null(_queue.TryStart(0));
        var due = _queue.NextDue!.Value;
        Assert.InRange(due, 0, 100);

        var again = _queue.TryStart(due)!;
        Assert.Equal(["first"], Payloads(again));
        Accept(again);
        Assert.Equal(["second"], Payloads(_queue.TryStart(due)!));
    }

    [Fact]
    public void A_rejected_key_does_not_hold_up_the_others()
    {
        Add("first", "ada");
        Add("other", "bob");
        _queue.Complete(_queue.TryStart(0)!, Answered(Failing, null), 0);
        Add("next", "bob");
        Assert.Equal(["next"], Payloads(_queue.TryStart(0)!));
    }

    [Fact]
    public void A_shard_that_throttles_is_slowed_down_and_no_other_is()
    {
        const string slow = "shardId-000000000001";
        const string fast = "shardId-000000000002";
        var shards = new Dictionary<string, string>();
        for (var user = 0; user < 40; user++)
            Add("first", $"user{user}");
        var low = (UInt128)1 << 127;
        var request = _queue.TryStart(0)!;
        foreach (var record in request.Records)
            shards[record.PartitionKey] = record.KeyHash < low ? slow : fast;
        _queue.Complete(request, DeliveryResponse.Answered([.. request.Records.Select(record => new EntryResult(null, shards[record.PartitionKey]))]), 0);

        // The first of every user is known by its shard now; the slow one takes nothing any more.
        var (sent, now) = (new Dictionary<string, int> { [slow] = 0, [fast] = 0 }, 0L);
        for (var round = 0; round < 50; round++)
        {
            for (var user = 0; user < 40; user++)
                Add("next", $"user{user}");
        }

        for (; now < 10_000; now += 5)
        {
            if (_queue.TryStart(now) is not { } next)
                continue;
            var results = next.Records.Select(record => shards[record.PartitionKey]).ToList();
            results.ForEach(shard => sent[shard]++);
            _queue.Complete(next, DeliveryResponse.Answered([.. results.Select(shard => shard == slow ? new EntryResult(Throttled, null) : new(null, shard))]), now);
        }

        Assert.Equal(50 * shards.Values.Count(shard => shard == fast), sent[fast]);
        Assert.InRange(sent[slow], 5, 500);
        Assert.Equal([slow], _queue.ThrottledShards);
    }

    [Fact]
    public void A_shard_gets_no_more_a_second_than_it_takes()
    {
        var queue = new DeliveryQueue(Limits with { ShardRecordsPerSecond = 200, ShardBytesPerSecond = 1_000_000 }, 1);
        for (var user = 0; user < 1_000; user++)
            Add(queue, "x", _progress, $"user{user}");
        var sent = 0;
        for (var now = 0L; now <= 2_000; now++)
        {
            if (queue.TryStart(now) is not { } request)
                continue;
            sent += request.Records.Count;
            queue.Complete(request, Answered(new string?[request.Records.Count]), now);
        }

        Assert.InRange(sent, 400, 425);
    }

    [Fact]
    public void A_record_larger_than_the_pace_of_a_second_goes_and_the_next_waits_for_it()
    {
        var queue = new DeliveryQueue(Limits with { ShardBytesPerSecond = 1_000 }, 1);
        Add(queue, new('x', 4_996), _progress, "ada");
        Add(queue, "small", _progress, "bob");
        var large = queue.TryStart(0)!;
        Assert.Equal(["ada"], large.Records.Select(record => record.PartitionKey));
        Assert.Null(queue.TryStart(4_800));
        Assert.InRange(queue.NextDue!.Value, 4_801, 5_000);
        Assert.NotNull(queue.TryStart(queue.NextDue!.Value));
    }

    [Fact]
    public void Nothing_is_allocated_a_record_once_it_runs()
    {
        const int records = 500;
        const int rounds = 100;
        var results = new EntryResult[records];
        var now = 0L;
        var allocated = Allocations.Least(() =>
        {
            for (var round = 0; round < rounds; round++)
                Round();
            _progress.Commit(_progress.Deliverable()!);
        });

        // What is left is a response a request, and what one commit takes.
        Assert.InRange(allocated, 0, records * rounds / 2);

        void Round()
        {
            now += 1_000;
            for (var user = 0; user < records; user++)
            {
                var record = _queue.Rent();
                record.Fill(_progress, "some key"u8, "some payload of a record"u8, happenedAt: 0);
                record.OrderBy((ulong)user);
                record.StandFor(_progress.Take(_offset++, 0, now));
                _queue.Add(record);
            }

            while (_queue.TryStart(now) is { } request)
                _queue.Complete(request, DeliveryResponse.Answered(new ArraySegment<EntryResult>(results, 0, request.Records.Count)), now);
        }
    }

    [Fact]
    public void A_record_of_several_users_waits_for_each_of_them()
    {
        Add("ada", "ada");
        Add("bob", "bob");
        Add("both", "ada", "bob");
        Add("later", "bob");
        var request = _queue.TryStart(0)!;
        Assert.Equal(["ada", "bob"], Payloads(request));
        Accept(request);
        var both = _queue.TryStart(0)!;
        Assert.Equal(["both"], Payloads(both));
        Assert.Null(_queue.TryStart(0));
        Accept(both);
        Assert.Equal(["later"], Payloads(_queue.TryStart(0)!));
    }

    [Fact]
    public void Requests_keep_to_their_limits()
    {
        var queue = new DeliveryQueue(Limits with { RequestRecordsMax = 3, RequestBytesMax = 100, RequestsInFlightMax = 10 }, 1);
        for (var i = 0; i < 4; i++)
            Add(queue, new('x', 28), _progress, $"user{i}");
        Add(queue, new('x', 95), _progress, "large");
        Assert.Equal([3, 1, 1], [queue.TryStart(0)!.Records.Count, queue.TryStart(0)!.Records.Count, queue.TryStart(0)!.Records.Count]);
    }

    [Fact]
    public void A_failed_call_is_made_again_whole_after_a_wait_and_alone()
    {
        Add("first", "ada");
        var failed = _queue.TryStart(0)!;
        Add("other", "bob");
        _queue.Complete(failed, DeliveryResponse.Failed(FailureKind.Transient, "Timeout", ""), 10);
        Assert.Null(_queue.ParkedReason);
        var due = _queue.NextDue!.Value;
        var again = _queue.TryStart(due)!;
        Assert.Equal(["first", "other"], Payloads(again));
        Add("third", "cyd");
        Assert.Null(_queue.TryStart(due));
        Accept(again);
        Assert.Equal(["third"], Payloads(_queue.TryStart(due)!));
    }

    [Fact]
    public void A_refusal_parks_with_its_reason_until_something_is_accepted()
    {
        Add("first", "ada");
        var now = 0L;
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            var request = _queue.TryStart(now)!;
            _queue.Complete(request, DeliveryResponse.Failed(FailureKind.Refused, "ResourceNotFoundException", "no such stream"), now);
            Assert.Equal("ResourceNotFoundException: no such stream", _queue.ParkedReason);
            Assert.InRange(_queue.NextDue!.Value - now, 0, 60_000);
            now = _queue.NextDue!.Value;
        }

        Accept(_queue.TryStart(now)!);
        Assert.Null(_queue.ParkedReason);
    }

    [Fact]
    public void A_destination_that_never_answers_is_shown_as_parked()
    {
        Add("first", "ada");
        var now = 0L;
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            Assert.Null(_queue.ParkedReason);
            _queue.Complete(_queue.TryStart(now)!, DeliveryResponse.Failed(FailureKind.Transient, "NoAnswer", "connection refused"), now);
            now = _queue.NextDue!.Value;
        }

        Assert.Equal("NoAnswer: connection refused", _queue.ParkedReason);
    }

    [Fact]
    public void A_partition_that_goes_takes_its_records_along_but_what_is_in_flight_still_holds_its_key()
    {
        var gone = _progress;
        Add("in flight", "ada");
        var request = _queue.TryStart(0)!;
        Add("waiting", "ada");
        var other = new PartitionProgress(new("deltas", 1), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new());
        _queue.Drop(gone);
        Add(_queue, "of the next owner", other, "ada");
        Assert.Null(_queue.TryStart(0));

        _queue.Complete(request, Answered([null]), 0);
        Assert.Equal(["of the next owner"], Payloads(_queue.TryStart(0)!));
        Assert.Equal(1, _queue.HeldRecords);
    }

    [Fact]
    public void What_is_accepted_is_held_no_more()
    {
        Add("first", "ada");
        Add("second", "ada");
        Assert.True(_queue.HeldBytes > 0);
        Accept(_queue.TryStart(0)!);
        Accept(_queue.TryStart(0)!);
        Assert.Equal(0, _queue.HeldBytes);
        Assert.Equal(0, _queue.HeldRecords);
        Assert.Equal(_offset, _progress.Deliverable()!.Position);
    }

    private void Accept(DeliveryRequest request) => _queue.Complete(request, Answered(new string?[request.Records.Count]), 0);

    private static DeliveryResponse Answered(params string?[] codes) => DeliveryResponse.Answered([.. codes.Select(code => new EntryResult(code, null))]);

    private void Add(string payload, params string[] users) => Add(_queue, payload, _progress, users);

    private void Add(DeliveryQueue queue, string payload, PartitionProgress progress, params string[] users)
    {
        var record = queue.Rent();
        record.Fill(progress, Encoding.UTF8.GetBytes(users[0]), Encoding.UTF8.GetBytes(payload), happenedAt: 0);
        foreach (var user in users)
            record.OrderBy(OrderKey.OfUser(Encoding.UTF8.GetBytes(user)));
        record.StandFor(progress.Take(progress == _progress ? _offset++ : 0, 0, 0));
        queue.Add(record);
    }

    private static IEnumerable<string> Payloads(DeliveryRequest request) => request.Records.Select(record => Encoding.UTF8.GetString(record.Data.Span));
}
