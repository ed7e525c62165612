using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class PartitionPeriodsTests
{
    private const long Hour = 3_600_000;
    private const long Minute = 60_000;

    private static readonly MembershipsCut Early = new([3, 4], 10 * Hour);
    private static readonly PeriodPlan Later = new(11 * Hour, new([7, 9], (11 * Hour) + 5), CohortSelection.Of(["a"]), First: 12, DeltasEnd: 40);

    [Fact]
    public void What_is_planned_is_told_and_is_what_the_next_plan_begins_with()
    {
        var pending = new PartitionPeriods(10 * Hour, Early, null).Plan(Later, oldest: 0);
        Assert.Equal((Later, false), (pending.Pending, pending.IsStarting));
        var told = pending.Told();
        Assert.Equal((11 * Hour, Later.Cut, null), (told.Passed, told.Last, told.Pending));
        Assert.Throws<InvalidOperationException>(told.Told);
    }

    [Fact]
    public void The_first_plan_tells_the_members_there_are()
    {
        var pending = new PartitionPeriods(10 * Hour, null, null).Plan(Later, oldest: 0);
        Assert.Null(pending.Pending!.Since);
        Assert.True(pending.IsStarting);
    }

    [Fact]
    public void Where_what_was_told_last_may_be_compacted_the_plan_makes_up_for_all_that_may_have_changed_since()
    {
        var pending = new PartitionPeriods(10 * Hour, Early, null).Plan(Later, oldest: Early.At + 1);
        Assert.Equal(Early.At - Minute, pending.Pending!.Since);
        Assert.True(pending.IsStarting);
        Assert.Null(pending.Told().Since);
    }

    /// <summary>When the plan was made, what it makes up for, when the last was told, the oldest row that is readable → given up.</summary>
    [Theory]
    [InlineData(11, null, 10, 9, false)]
    [InlineData(11, null, 10, 10, false)]
    [InlineData(11, null, 10, 11, true)] // what was told last
    [InlineData(11, null, null, 11, false)]
    [InlineData(11, 5, 10, 11, false)] // it is not asked
    [InlineData(11, 5, 10, 12, true)] // the plan's own
    [InlineData(11, null, null, 12, true)]
    public void A_plan_that_cannot_be_repeated_is_given_up(int plannedAt, int? since, int? toldAt, int oldest, bool isGivenUp)
    {
        var plan = Later with { Cut = new([7, 9], plannedAt * Hour), Since = since * Hour };
        var found = new PartitionPeriods(10 * Hour, toldAt is { } at ? new([3, 4], at * Hour) : null, plan);
        var taken = found.TakeOver(oldest * Hour);
        if (!isGivenUp)
        {
            Assert.Same(found, taken);
            return;
        }

        Assert.Null(taken.Pending);
        Assert.Equal(since * Hour ?? Math.Max(0, (toldAt ?? 0) * Hour - Minute), taken.Since);
    }

    /// <summary>Found, told in real time or not, from when → what is told at the next boundary.</summary>
    [Theory]
    [InlineData(false, null, StartAt.Snapshot, "nobody was told", null)]
    [InlineData(false, null, StartAt.Now, "the members there are were told", null)]
    [InlineData(true, null, StartAt.Now, "nobody was told", 0L)] // positions that expired
    [InlineData(true, 5 * Hour, StartAt.Snapshot, "nobody was told", (5 * Hour) - Minute)]
    [InlineData(false, 5 * Hour, StartAt.Snapshot, "nobody was told", (5 * Hour) - Minute)] // a position that was committed without
    public void A_new_owner_begins_with_what_was_told_before(bool isFound, long? toldUntil, StartAt startAt, string told, long? since)
    {
        var found = isFound ? new PartitionCoverage(CohortSelection.Of(["a"]), null) : null;
        var next = PartitionCoverage.NextOfPeriods(found, toldUntil, CohortSelection.Of(["a"]), startAt, 10 * Hour, () => Early);
        var periods = next.Periods!;
        Assert.Equal((10 * Hour, since, null), (periods.Passed, periods.Since, periods.Pending));
        Assert.Equal(told == "nobody was told" ? null : Early, periods.Last);
        Assert.Equal(told == "nobody was told", next.Covered.IsNone);
    }

    [Fact]
    public void What_was_found_goes_on_and_a_destination_told_in_real_time_makes_up_for_what_the_last_plan_had_not()
    {
        var found = new PartitionCoverage(CohortSelection.Of(["a"]), null) { Periods = new(10 * Hour, Early, Later) };
        Assert.Same(found, PartitionCoverage.NextOfPeriods(found, null, CohortSelection.All, StartAt.Now, 12 * Hour, () => throw new InvalidOperationException()));
        Assert.Same(found, found.TakeOver(oldest: 0));
        var next = PartitionCoverage.Next(found, hasPosition: true, CohortSelection.Of(["a"]), StartAt.Snapshot, () => [1]);
        Assert.Equal((Early.At - Minute, true), (next.Start!.Since, next.Covered.IsNone));
    }

    [Fact]
    public void Its_record_is_these_bytes()
    {
        const string json = """{"v":1,"cohorts":["a"],"periods":{"passed":36000000,"last":{"ends":[3,4],"at":36000000},"since":5,"pending":{"boundary":39600000,"cut":{"ends":[7,9],"at":39600005},"cohorts":["a"],"first":12,"deltas_end":40,"since":6}}}""";
        var coverage = new PartitionCoverage(CohortSelection.Of(["a"]), null) { Periods = new(10 * Hour, Early, Later with { Since = 6 }) { Since = 5 } };
        Assert.Equal(json, Encoding.UTF8.GetString(PartitionCoverageCodec.Encode(coverage)));
        Assert.Equal(json, Encoding.UTF8.GetString(PartitionCoverageCodec.Encode(PartitionCoverageCodec.Decode(Encoding.UTF8.GetBytes(json)))));
    }

    [Fact]
    public void The_number_goes_beside_the_position_where_it_is_not_one()
    {
        var metadata = new DeliveryMetadata(5, AcceptedAhead.Of(12, [0b101]), Serial: 3);
        var committed = new CommittedPosition("deltas", 1, 40, metadata.ToNumberedText());
        Assert.Equal("2 5 12 BQ 3", committed.Metadata);
        var read = DeliveryMetadata.OfNumbered(committed)!;
        Assert.Equal((5, 12, 3), (read.At, read.Ahead.Position, read.Serial));
        Assert.Equal([true, false, true], Enumerable.Range(12, 3).Select(number => read.Ahead.Has(number)));
        Assert.Null(DeliveryMetadata.OfNumbered(committed with { Metadata = metadata.ToString() }));
        Assert.Equal(40, DeliveryMetadata.Of(committed).Ahead.Position);
    }
}
