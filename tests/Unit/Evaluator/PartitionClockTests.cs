using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

public sealed class PartitionClockTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    [Fact]
    public void Stands_until_every_partition_of_every_source_has_reported()
    {
        var clock = Wall("events", "identifies");
        See(clock, "events", 2, """{"0":50000,"1":60000}""");
        Assert.Equal(PartitionClock.Unknown, clock.Watermark);
        Assert.Equal(["identifies"], clock.Missing());
        See(clock, "identifies", 2, """{"0":40000}""");
        Assert.Equal(["identifies/1"], clock.Missing());
        See(clock, "identifies", 2, """{"1":70000}""");
        Assert.Equal(40_000 - 1_000, clock.Watermark);
        Assert.Empty(clock.Missing());
    }

    [Fact]
    public void Follows_the_slowest_partition_and_never_goes_back()
    {
        var clock = Wall("events");
        See(clock, "events", 2, """{"0":50000,"1":60000}""");
        See(clock, "events", 2, """{"1":90000}""");
        Assert.Equal(49_000, clock.Watermark);
        See(clock, "events", 2, """{"0":10000}""");
        Assert.Equal(49_000, clock.Watermark);
    }

    [Fact]
    public void A_partition_that_a_source_gains_holds_time_until_it_reports()
    {
        var clock = Wall("events");
        See(clock, "events", 1, """{"0":50000}""");
        See(clock, "events", 2, """{"0":90000}""");
        Assert.Equal(49_000, clock.Watermark);
        See(clock, "events", 2, """{"1":80000}""");
        Assert.Equal(79_000, clock.Watermark);
    }

    [Fact]
    public void With_clock_record_the_records_move_it_and_watermarks_do_not()
    {
        var clock = new PartitionClock(ClockKind.Record, Grace, ["events"]);
        See(clock, "events", 1, """{"0":50000}""");
        Assert.Equal(PartitionClock.Unknown, clock.Watermark);
        clock.SeeRecord(7_000);
        clock.SeeRecord(6_000);
        Assert.Equal(7_000, clock.Watermark);
    }

    [Fact]
    public void Fires_what_is_due_before_the_watermark_and_up_to_a_final_one_itself()
    {
        var clock = new PartitionClock(ClockKind.Record, Grace, ["events"]);
        clock.SeeRecord(7_000);
        Assert.Equal(7_000, clock.TimerLimit);
        clock.SeeWatermark(new ActivityRecord { Type = ActivityType.Watermark, Until = 9_000 });
        Assert.Equal(9_000, clock.Watermark);
        Assert.Equal(9_001, clock.TimerLimit);
    }

    [Fact]
    public void Goes_back_to_what_was_saved()
    {
        var clock = Wall("events");
        See(clock, "events", 1, """{"0":50000}""");
        var saved = clock.Save();
        See(clock, "events", 1, """{"0":90000}""");
        clock.Load(saved);
        Assert.Equal(49_000, clock.Watermark);
        See(clock, "events", 1, """{"0":60000}""");
        Assert.Equal(59_000, clock.Watermark);
        Assert.Equal(50_000, saved.Read[0].Read[0]);
    }

    private static PartitionClock Wall(params string[] sources) => new(ClockKind.Wall, Grace, sources);

    private static void See(PartitionClock clock, string topic, int partitions, string read) => clock.SeeWatermark(new ActivityRecord
    {
        Type = ActivityType.Watermark,
        Topic = Encoding.UTF8.GetBytes(topic),
        PartitionCount = partitions,
        Read = Encoding.UTF8.GetBytes(read),
    });
}
