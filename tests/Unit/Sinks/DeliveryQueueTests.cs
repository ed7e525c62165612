using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class DeliveryQueueTests
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    private readonly DeliveryQueue _queue = new(new(500, 1_000_000, 4), 1);
    private readonly PartitionProgress _progress = new(new("deltas", 0), 0, CommittedPosition.None, new());
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
        _queue.Complete(_queue.TryStart(0)!, DeliveryResponse.Answered([Throttled, null]), 0);
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
        _queue.Complete(_queue.TryStart(0)!, DeliveryResponse.Answered([Throttled, null]), 0);
        Add("next", "bob");
        Assert.Equal(["next"], Payloads(_queue.TryStart(0)!));
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
        var queue = new DeliveryQueue(new(3, 100, 10), 1);
        for (var i = 0; i < 4; i++)
            queue.Add(Record(new('x', 30), $"user{i}"));
        queue.Add(Record(new('x', 95), "large"));
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
        Assert.Equal(["other", "first"], Payloads(again));
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
        var other = new PartitionProgress(new("deltas", 1), 0, CommittedPosition.None, new());
        _queue.Drop(gone);
        _queue.Add(Record("of the next owner", other, "ada"));
        Assert.Null(_queue.TryStart(0));

        _queue.Complete(request, DeliveryResponse.Answered([null]), 0);
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

    private void Accept(DeliveryRequest request) => _queue.Complete(request, DeliveryResponse.Answered(new string?[request.Records.Count]), 0);

    private void Add(string payload, params string[] users) => _queue.Add(Record(payload, users));

    private OutboundRecord Record(string payload, params string[] users) => Record(payload, _progress, users);

    private OutboundRecord Record(string payload, PartitionProgress progress, params string[] users) => new(
        Encoding.UTF8.GetBytes(payload), "key", 3, [.. users.Select(user => OrderKey.OfUser(Encoding.UTF8.GetBytes(user)))], progress, [progress.Take(progress == _progress ? _offset++ : 0, 0)])
    {
        HappenedAt = 0,
    };

    private static IEnumerable<string> Payloads(DeliveryRequest request) => request.Records.Select(record => Encoding.UTF8.GetString(record.Data.Span));
}
