using System.Globalization;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Schedule;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class SyncScheduleTests
{
    [Theory]
    [InlineData(Cadence.Hourly, 60, "2026-03-01T10:59:59.999Z", "2026-03-01T10:00:00Z")]
    [InlineData(Cadence.Hourly, 60, "2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z")]
    [InlineData(Cadence.Daily, 60, "2026-03-01T23:59:59Z", "2026-03-01T00:00:00Z")]
    [InlineData(Cadence.RealTime, 60, "2026-03-01T10:00:59Z", "2026-03-01T10:00:00Z")]
    [InlineData(Cadence.RealTime, 7, "1970-01-01T00:00:15Z", "1970-01-01T00:00:14Z")]
    public void Boundaries_lie_at_whole_multiples_since_the_epoch(Cadence cadence, int interval, string instant, string boundary) =>
        Assert.Equal(At(boundary), Of(cadence, CatchUp.Newest, interval).Latest(At(instant)));

    [Theory]
    [InlineData(CatchUp.Newest, "2026-03-01T09:00:00Z", "2026-03-01T09:59:59Z", null)]
    [InlineData(CatchUp.Newest, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z")]
    [InlineData(CatchUp.Newest, "2026-03-01T09:00:00Z", "2026-03-01T13:30:00Z", "2026-03-01T13:00:00Z")]
    [InlineData(CatchUp.All, "2026-03-01T09:00:00Z", "2026-03-01T13:30:00Z", "2026-03-01T10:00:00Z")]
    [InlineData(CatchUp.All, "2026-03-01T13:00:00Z", "2026-03-01T13:30:00Z", null)]
    public void Of_missed_boundaries_the_newest_or_each_is_due(CatchUp catchUp, string passed, string now, string? due) =>
        Assert.Equal(due is null ? null : At(due), Of(Cadence.Hourly, catchUp).Due(At(passed), At(now)));

    [Fact]
    public void In_real_time_what_falls_due_during_a_sync_is_joined_to_the_next()
    {
        var schedule = Of(Cadence.RealTime, CatchUp.Newest);
        Assert.Equal(At("2026-03-01T10:02:00Z"), schedule.PassedAfter(At("2026-03-01T10:00:00Z"), At("2026-03-01T10:00:01Z"), At("2026-03-01T10:02:30Z")));
    }

    [Fact]
    public void What_was_missed_before_a_repeated_sync_began_is_still_due()
    {
        var schedule = Of(Cadence.RealTime, CatchUp.Newest);
        Assert.Equal(At("2026-03-01T10:00:00Z"), schedule.PassedAfter(At("2026-03-01T10:00:00Z"), At("2026-03-01T12:00:00Z"), At("2026-03-01T12:00:01Z")));
    }

    [Fact]
    public void An_hourly_file_is_never_left_out_because_a_sync_took_long() =>
        Assert.Equal(At("2026-03-01T10:00:00Z"), Of(Cadence.Hourly, CatchUp.Newest).PassedAfter(At("2026-03-01T10:00:00Z"), At("2026-03-01T10:00:01Z"), At("2026-03-01T11:30:00Z")));

    private static SyncSchedule Of(Cadence cadence, CatchUp catchUp, int seconds = 60) =>
        SyncSchedule.Of(S3.SinkBench.Destination("buyers") with { Cadence = cadence, CatchUp = catchUp, SyncInterval = TimeSpan.FromSeconds(seconds) });

    private static long At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
