using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class PartitionProgressTests
{
    private readonly DeliveryCounts _counts = new();

    [Fact]
    public void Commits_only_what_has_nothing_unsettled_before_it()
    {
        var progress = Start();
        var sequences = new[] { progress.Take(10, 0, 0), progress.Take(11, 0, 0), progress.Take(13, 0, 0) };
        progress.Accept(sequences[1]);
        Assert.Equal(10, progress.Deliverable()!.Position);
        progress.Accept(sequences[0]);
        Assert.Equal(13, progress.Deliverable()!.Position);
        progress.Commit(progress.Deliverable()!);
        Assert.Null(progress.Deliverable());
        progress.Filter(sequences[2]);
        Assert.Equal(14, progress.Deliverable()!.Position);
        Assert.Equal(new SinkCounts(3, 2, 0, 1, 0), _counts.With(progress.InFlight));
    }

    [Fact]
    public void Passes_markers_once_everything_before_them_is_settled()
    {
        var progress = Start();
        var sequence = progress.Take(10, 0, 0);
        progress.Reach(15);
        Assert.Equal(10, progress.Deliverable()!.Position);
        progress.Accept(sequence);
        Assert.Equal(15, progress.Deliverable()!.Position);
    }

    [Fact]
    public void Hands_out_dead_letters_with_the_position_that_passes_them()
    {
        var progress = Start();
        var first = progress.Take(10, 0, 0);
        progress.GiveUp(progress.Take(11, 0, 0), Letter());
        Assert.Empty(progress.Deliverable()!.DeadLetters);
        Assert.Equal(2, progress.InFlight);

        progress.Accept(first);
        var delivery = progress.Deliverable()!;
        Assert.Equal(12, delivery.Position);
        Assert.Single(delivery.DeadLetters);
        Assert.Same(delivery.DeadLetters[0], progress.Deliverable()!.DeadLetters[0]);
        progress.Commit(delivery);
        Assert.Null(progress.Deliverable());
        Assert.Equal(new SinkCounts(2, 1, 1, 0, 0), _counts.With(progress.InFlight));
    }

    [Fact]
    public void What_is_delivered_beyond_the_position_goes_with_it_and_is_passed_by_the_next_owner()
    {
        var progress = Start();
        var sequences = Enumerable.Range(10, 6).Select(offset => progress.Take(offset, 0, 0)).ToArray();
        progress.Accept(sequences[2]);
        progress.Filter(sequences[3]);
        progress.Accept(sequences[5]);
        var delivery = progress.Deliverable()!;
        Assert.Equal(10, delivery.Position);
        Assert.Equal([12, 15], Ahead(delivery.Metadata.Ahead));
        progress.Commit(delivery);
        Assert.Null(progress.Deliverable());

        var next = new PartitionProgress(progress.Partition, delivery.Metadata, 10, new());
        Assert.False(next.TryPass(10, 0));
        next.Accept(next.Take(10, 0, 0));
        next.Take(11, 0, 0);
        Assert.True(next.TryPass(12, 0));
        Assert.Equal(11, next.Deliverable()!.Position);
        Assert.Equal([12, 15], Ahead(next.Deliverable()!.Metadata.Ahead));

        static IEnumerable<long> Ahead(AcceptedAhead ahead) => Enumerable.Range(0, 100).Select(offset => (long)offset).Where(ahead.Has);
    }

    [Fact]
    public void Delivery_runs_only_so_far_ahead_of_the_oldest_that_is_not_settled()
    {
        var progress = Start();
        Assert.True(progress.IsWithin(1_000_000, 100));
        var first = progress.Take(10, 0, 0);
        var second = progress.Take(20, 0, 0);
        Assert.True(progress.IsWithin(109, 100));
        Assert.False(progress.IsWithin(110, 100));
        progress.Accept(second);
        Assert.False(progress.IsWithin(110, 100));
        progress.Accept(first);
        Assert.True(progress.IsWithin(110, 100));
    }

    [Fact]
    public void Each_commit_with_records_can_be_told_from_the_one_before()
    {
        var progress = Start();
        progress.StandFor(new(CohortSelection.None, new(CohortSelection.All, null, [3, 4])), isCommitted: false);
        Assert.False(progress.IsStartAnnounced);
        var texts = new List<string>();
        for (var letters = 0; letters <= 2; letters++)
        {
            if (letters > 0)
                progress.GiveUp(progress.TakeRow(0), Letter());
            var delivery = progress.Deliverable()!;
            Assert.Equal(letters == 0, delivery.Coverage is not null);
            texts.Add(delivery.Metadata.ToString());
            progress.Commit(delivery);
            Assert.Null(progress.Deliverable());
        }

        Assert.Equal(["1 0  1", "1 0  2", "1 0  3"], texts);
        Assert.True(progress.IsStartAnnounced);
        Assert.Equal(new SinkCounts(2, 0, 2, 0, 0), _counts.With(progress.InFlight));

        var next = new PartitionProgress(progress.Partition, DeliveryMetadata.Of(new("deltas", 0, 10, texts[^1])), 10, new());
        next.StandFor(new(CohortSelection.All, null), isCommitted: false);
        Assert.Equal("1 0  4", next.Deliverable()!.Metadata.ToString());
    }

    [Fact]
    public void A_start_withholds_the_deltas_of_its_cohorts_alone_until_its_rows_are_read()
    {
        var progress = Start();
        progress.StandFor(new(CohortSelection.Of(["old"]), new(CohortSelection.All, null, [])), isCommitted: true);
        Assert.Equal((false, true), (progress.IsStarted("old"u8), progress.IsStarted("new"u8)));
        Assert.True(progress.Takes(1_000));
        Assert.Equal((false, true), (progress.Withholds("old"u8, 1_000), progress.Withholds("new"u8, 1_000)));
        progress.HoldAt(20);
        Assert.Equal((true, false), (progress.Takes(19), progress.Takes(20)));
        progress.FollowRows();
        Assert.True(progress.Takes(20));
        Assert.Equal((true, false), (progress.Withholds("new"u8, 19), progress.Withholds("new"u8, 20)));
        progress.EndStart();
        Assert.True(progress.Deliverable()!.Coverage is { Covered.IsAll: true, Start: null });
    }

    [Fact]
    public void Gives_back_what_is_not_settled()
    {
        var progress = Start();
        progress.Accept(progress.Take(10, 0, 0));
        progress.Take(11, 0, 0);
        progress.GiveUp(progress.Take(12, 0, 0), Letter());
        progress.GiveBack();
        Assert.Equal(new SinkCounts(1, 1, 0, 0, 0), _counts.With(progress.InFlight));
    }

    [Fact]
    public void Grows_and_goes_round_without_losing_its_place()
    {
        var progress = Start();
        var open = new Queue<long>();
        for (var offset = 10L; offset < 5_000; offset++)
        {
            open.Enqueue(progress.Take(offset, 0, offset));
            if (offset % 3 == 0)
                continue;
            progress.Accept(open.Dequeue());
            progress.Commit(progress.Deliverable()!);
            Assert.Equal(open.Count, progress.Span);
        }

        Assert.Equal(progress.Committed, progress.OldestTakenAt);
    }

    private PartitionProgress Start() => new(new("deltas", 0), new(0, AcceptedAhead.None(10)), CommittedPosition.None, _counts);

    private static PendingDeadLetter Letter() =>
        PendingDeadLetter.Of(RecordCopy.Of(new TestBatch().Add("deltas", 0, 11, "u:ada", [1]), 0), DeadLetterReason.SinkTooLarge, "too large", "test", DateTimeOffset.UnixEpoch);
}
