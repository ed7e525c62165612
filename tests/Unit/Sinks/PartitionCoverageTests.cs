using System.Text;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class PartitionCoverageTests
{
    private static readonly long[] Marks = [7, 9];

    private int _asked;

    /// <summary>Found, a position or none, what is wanted, from when → what the position stands for, and what is sent of others.</summary>
    [Theory]
    [InlineData("", false, "a b", StartAt.Snapshot, "", "snapshot a b")] // new
    [InlineData("", false, "a b", StartAt.Now, "a b", "")]
    [InlineData("", true, "a b", StartAt.Snapshot, "a b", "")] // a position that was committed without
    [InlineData("a", true, "a b", StartAt.Snapshot, "a", "snapshot b")] // added
    [InlineData("a", true, "a b", StartAt.Now, "a b", "")]
    [InlineData("a b", true, "b", StartAt.Snapshot, "b", "")] // removed
    [InlineData("a b", true, "b c", StartAt.Snapshot, "b", "snapshot c")]
    [InlineData("a", true, "*", StartAt.Snapshot, "a", "snapshot *")]
    [InlineData("*", true, "a", StartAt.Snapshot, "a", "")]
    [InlineData("a b", false, "a b", StartAt.Snapshot, "", "resync a b")] // the group has expired
    [InlineData("a b", false, "a c", StartAt.Now, "", "resync a c")]
    [InlineData("*", false, "*", StartAt.Snapshot, "", "resync *")]
    public void A_new_owner_sends_what_the_position_does_not_stand_for(string found, bool hasPosition, string wanted, StartAt startAt, string covered, string start)
    {
        var next = Next(found.Length == 0 ? null : new(Selection(found), null), hasPosition, wanted, startAt);
        Assert.Equal((covered, start), (Text(next.Covered), Text(next.Start)));
        if (next.Start is { } begun)
            Assert.Equal(start.StartsWith("resync", StringComparison.Ordinal) ? 0 : null, begun.Since);
        Assert.Equal(next.Start is null ? 0 : 1, _asked);
    }

    [Fact]
    public void What_has_not_changed_is_not_written_again()
    {
        PartitionCoverage[] found =
        [
            new(Selection("a b"), null), new(CohortSelection.All, null),
            new(Selection("a"), new(Selection("b"), null, [1])), new(CohortSelection.None, new(Selection("a b"), 5, [1])),
        ];
        Assert.All(found, coverage => Assert.Same(coverage, Next(coverage, true, coverage.Covered.IsAll ? "*" : "b a")));
    }

    [Fact]
    public void A_start_that_grows_keeps_its_marks_so_that_exits_since_its_first_beginning_are_sent()
    {
        var next = Next(new(Selection("a"), new(Selection("b"), null, [1])), true, "a b c");
        Assert.Equal(("a", "snapshot b c"), (Text(next.Covered), Text(next.Start)));
        Assert.Equal([1], next.Start!.Marks);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public void A_resync_that_grows_sends_everything()
    {
        var next = Next(new(CohortSelection.None, new(Selection("a"), 5, [1])), true, "a b", StartAt.Now);
        Assert.Equal("resync a b", Text(next.Start));
        Assert.Equal(0, next.Start!.Since);
    }

    [Fact]
    public void A_cohort_that_goes_while_it_starts_leaves_nothing_behind()
    {
        var next = Next(new(Selection("a"), new(Selection("b"), null, [1])), true, "a");
        Assert.Equal(("a", ""), (Text(next.Covered), Text(next.Start)));
    }

    [Fact]
    public void A_start_that_is_done_stands_for_its_cohorts_too()
    {
        Assert.Equal("a b", Text(new PartitionCoverage(Selection("a"), new(Selection("b"), null, [])).Started().Covered));
        Assert.Equal("*", Text(new PartitionCoverage(Selection("a"), new(CohortSelection.All, null, [])).Started().Covered));
    }

    [Theory]
    [InlineData("a b", "", null, """{"v":1,"cohorts":["a","b"]}""")]
    [InlineData("", "*", null, """{"v":1,"cohorts":[],"start":{"cohorts":["*"],"marks":[7,9]}}""")]
    [InlineData("a", "b", 12L, """{"v":1,"cohorts":["a"],"start":{"cohorts":["b"],"since":12,"marks":[7,9]}}""")]
    public void Its_record_is_these_bytes(string covered, string starting, long? since, string json)
    {
        var coverage = new PartitionCoverage(Selection(covered), starting.Length == 0 ? null : new(Selection(starting), since, Marks));
        Assert.Equal(json, Encoding.UTF8.GetString(PartitionCoverageCodec.Encode(coverage)));
        Assert.Equal(json, Encoding.UTF8.GetString(PartitionCoverageCodec.Encode(PartitionCoverageCodec.Decode(Encoding.UTF8.GetBytes(json)))));
    }

    [Fact]
    public void Its_key_is_a_partitions_and_no_cohorts()
    {
        var key = PartitionCoverageCodec.Key("ads", 11);
        Assert.Equal("ads#11"u8, key);
        Assert.True(PartitionCoverageCodec.TryPartitionOf(key, "ads", out var partition));
        Assert.Equal(11, partition);
        Assert.False(PartitionCoverageCodec.TryPartitionOf(key, "ad", out _));
        Assert.False(PartitionCoverageCodec.TryPartitionOf("ads/11"u8, "ads", out _));
    }

    [Theory]
    [InlineData("""{"v":2,"cohorts":[]}""")]
    [InlineData("""{"v":1}""")]
    [InlineData("nothing")]
    public void Another_record_is_refused(string json) =>
        Assert.Throws<InvalidDataException>(() => PartitionCoverageCodec.Decode(Encoding.UTF8.GetBytes(json)));

    private PartitionCoverage Next(PartitionCoverage? found, bool hasPosition, string wanted, StartAt startAt = StartAt.Snapshot) => PartitionCoverage.Next(
        found,
        hasPosition,
        Selection(wanted),
        startAt,
        () =>
        {
            _asked++;
            return Marks;
        });

    private static CohortSelection Selection(string text) =>
        text == "*" ? CohortSelection.All : CohortSelection.Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Text(CohortSelection selection) => selection.IsAll ? "*" : string.Join(' ', selection.Ids);

    private static string Text(PartitionStart? start) => start is null ? "" : $"{(start.IsSnapshot ? "snapshot" : "resync")} {Text(start.Cohorts)}";
}
