using CohortPipeline.Ingest;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class SourceWatermarksTests
{
    private readonly SourceWatermarks _watermarks = new();

    [Fact]
    public void A_partition_is_covered_when_its_end_of_that_instant_was_read()
    {
        Own(("events", 0, 0));
        _watermarks.Ends("events", 1000, [2]);
        Assert.Equal("", Take());
        _watermarks.Read("events", 0, 0);
        Assert.Equal("", Take());
        _watermarks.Read("events", 0, 1);
        Assert.Equal("events of 1: 0=1000", Take());
        Assert.Equal("", Take());
    }

    [Fact]
    public void Nothing_arrives_and_the_watermark_goes_on()
    {
        Own(("events", 0, 7));
        _watermarks.Ends("events", 1000, [7]);
        Assert.Equal("events of 1: 0=1000", Take());
        _watermarks.Ends("events", 2000, [7]);
        Assert.Equal("events of 1: 0=2000", Take());
    }

    [Fact]
    public void An_empty_partition_without_a_position_is_covered_once_its_end_was_seen()
    {
        Own(("events", 0, null));
        _watermarks.Ends("events", 1000, [0]);
        Assert.Equal("", Take());
        _watermarks.ReachedEnd(new("events", 0), 0);
        Assert.Equal("events of 1: 0=1000", Take());
    }

    [Fact]
    public void Transaction_markers_behind_the_last_record_are_read_when_the_end_of_partition_says_so()
    {
        Own(("events", 0, 0));
        _watermarks.Ends("events", 1000, [3]);
        _watermarks.Read("events", 0, 1);
        Assert.Equal("", Take());
        _watermarks.ReachedEnd(new("events", 0), 3);
        Assert.Equal("events of 1: 0=1000", Take());
    }

    [Fact]
    public void A_partition_that_lags_does_not_hold_the_others_back()
    {
        Own(("events", 0, 0), ("events", 1, 0), ("events", 2, 0));
        _watermarks.Ends("events", 1000, [1, 5, 0, 9]);
        _watermarks.Read("events", 0, 0);
        Assert.Equal("events of 4: 0=1000 2=1000", Take());
        for (var offset = 0; offset < 5; offset++)
            _watermarks.Read("events", 1, offset);
        Assert.Equal("events of 4: 1=1000", Take());
    }

    [Fact]
    public void A_partition_far_behind_gets_to_each_end_that_it_aimed_at_and_then_to_the_newest()
    {
        Own(("events", 0, 0));
        _watermarks.Ends("events", 1000, [2]);
        _watermarks.Ends("events", 2000, [4]);
        _watermarks.Ends("events", 3000, [6]);
        _watermarks.Read("events", 0, 1);
        Assert.Equal("events of 1: 0=1000", Take());
        _watermarks.Read("events", 0, 4);
        Assert.Equal("", Take());
        _watermarks.Ends("events", 4000, [8]);
        _watermarks.Read("events", 0, 5);
        Assert.Equal("events of 1: 0=3000", Take());
        _watermarks.Read("events", 0, 7);
        Assert.Equal("events of 1: 0=4000", Take());
    }

    [Fact]
    public void Several_ends_reached_at_once_give_the_latest_instant()
    {
        Own(("events", 0, 0));
        _watermarks.Ends("events", 1000, [1]);
        _watermarks.Ends("events", 2000, [2]);
        _watermarks.Read("events", 0, 1);
        Assert.Equal("events of 1: 0=2000", Take());
    }

    [Fact]
    public void A_partition_that_was_revoked_is_covered_by_its_new_owner_alone()
    {
        Own(("events", 0, 0), ("events", 1, 0));
        _watermarks.Ends("events", 1000, [1, 0]);
        _watermarks.Remove(new("events", 0));
        Assert.Equal("events of 2: 1=1000", Take());
        _watermarks.ReachedEnd(new("events", 0), 1);
        Assert.Equal("", Take());
    }

    [Fact]
    public void Each_topic_has_a_watermark_of_its_own()
    {
        Own(("events", 0, 0), ("clicks", 0, 0));
        _watermarks.Ends("events", 1000, [0]);
        _watermarks.Ends("clicks", 1000, [0, 0]);
        Assert.Equal("events of 1: 0=1000; clicks of 2: 0=1000", Take());
    }

    [Fact]
    public void After_an_abort_what_was_read_is_read_again_before_anything_is_covered()
    {
        Own(("events", 0, 0));
        _watermarks.Read("events", 0, 0);
        _watermarks.Promote();
        _watermarks.Ends("events", 1000, [3]);
        _watermarks.Read("events", 0, 1);
        _watermarks.Drop();
        _watermarks.Read("events", 0, 1);
        Assert.Equal("", Take());
        _watermarks.Read("events", 0, 2);
        Assert.Equal("events of 1: 0=1000", Take());
    }

    [Fact]
    public void An_end_of_partition_seen_before_an_abort_is_remembered_as_it_may_not_be_said_again()
    {
        Own(("events", 0, 0));
        _watermarks.Read("events", 0, 0);
        _watermarks.Promote();
        _watermarks.ReachedEnd(new("events", 0), 2);
        _watermarks.Drop();
        _watermarks.Ends("events", 1000, [2]);
        Assert.Equal("events of 1: 0=1000", Take());
    }

    [Fact]
    public void How_far_behind_a_partition_is_counts_to_the_newest_known_end()
    {
        Own(("events", 0, 0));
        _watermarks.Ends("events", 1000, [2]);
        _watermarks.Ends("events", 2000, [10]);
        _watermarks.Read("events", 0, 0);
        var (_, records, covered) = Assert.Single(_watermarks.Behind());
        Assert.Equal(9, records);
        Assert.Null(covered);
    }

    private void Own(params (string Topic, int Partition, long? Position)[] partitions)
    {
        foreach (var (topic, partition, position) in partitions)
            _watermarks.Add(new(topic, partition), position);
    }

    private string Take() => string.Join("; ", _watermarks.Take().Select(watermark =>
        $"{watermark.Topic} of {watermark.PartitionCount}: {string.Join(' ', watermark.Read.Select(read => $"{read.Key}={read.Value}"))}"));
}
