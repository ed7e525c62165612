using System.Text;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class ReportCodecTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly SinkReport Parked = new("ads", "kinesis", SinkState.Parked, Now.AddMinutes(-2))
    {
        Reason = "AccessDeniedException: no",
        Counts = new(10, 5, 1, 1, 3),
        OldestUnacceptedAt = Now.AddMinutes(-3),
        Retries = new Dictionary<string, long> { ["InternalFailure"] = 4 },
        ThrottledShards = ["shardId-000000000002"],
    };

    /// <summary>Other versions of services read it.</summary>
    [Fact]
    public void A_report_has_these_bytes_and_is_read_back()
    {
        var bytes = ReportCodec.Encode(Now, Parked);
        Assert.Equal(
            """{"v":1,"at":"2026-03-01T12:00:00+00:00","report":{"destination_id":"ads","sink":"kinesis","state":"Parked","since":"2026-03-01T11:58:00+00:00","reason":"AccessDeniedException: no","counts":{"received":10,"accepted":5,"dead_lettered":1,"filtered":1,"in_flight":3},"oldest_unaccepted_at":"2026-03-01T11:57:00+00:00","retries":{"InternalFailure":4},"throttled_shards":["shardId-000000000002"]}}""",
            Encoding.UTF8.GetString(bytes));
        Assert.True(ReportCodec.TryRead("pod-1", bytes, out var told));
        Assert.Equivalent(new ToldReport("pod-1", Now, Parked), told, strict: true);
    }

    [Fact]
    public void Keys_are_nobody_elses()
    {
        Assert.Equal("status:ads/pod-1", Encoding.UTF8.GetString(ReportCodec.Key("ads", "pod-1")));
        Assert.True(ReportCodec.TryKey("status:ads/pod-1"u8, out var destination, out var instance));
        Assert.Equal(("ads", "pod-1"), (destination, instance));
        Assert.False(ReportCodec.TryKey("warehouse/buyers"u8, out _, out _));
        Assert.False(ReportCodec.TryKey("status/buyers"u8, out _, out _));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("""{"v":2,"at":"2026-03-01T12:00:00+00:00","report":{"destination_id":"ads","sink":"kinesis","state":"Live","since":"2026-03-01T12:00:00+00:00"}}""")]
    public void Something_else_tells_nothing(string value) => Assert.False(ReportCodec.TryRead("pod-1", Encoding.UTF8.GetBytes(value), out _));
}
