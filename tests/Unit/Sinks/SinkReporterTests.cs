using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class SinkReporterTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"cohort-reports-{Guid.NewGuid():n}");
    private readonly PipelineTopics _topics = new("", 1, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SinkStatuses _statuses;
    private EmbeddedLog _log = null!;
    private SinkReporter _reporter = null!;

    public SinkReporterTests() => _statuses = new(_time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, _time);
        await _log.Admin.CreateAsync(_topics.SinkState, Cancellation);
        _reporter = New("pod-1");
    }

    public async ValueTask DisposeAsync()
    {
        _reporter.Dispose();
        _statuses.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Tells_a_new_state_at_once_new_counts_every_five_seconds_and_the_same_as_a_heartbeat()
    {
        var status = _statuses.Open("ads", "kinesis");
        status.Live();
        _reporter.Tell();
        Assert.Equal(["0 live 0"], await Told());

        _time.Advance(TimeSpan.FromSeconds(4));
        status.Count(new(7, 7, 0, 0, 0), null);
        _reporter.Tell();
        Assert.Single(await Told());
        _time.Advance(TimeSpan.FromSeconds(1));
        _reporter.Tell();
        _time.Advance(TimeSpan.FromSeconds(1));
        status.Park("no such stream");
        _reporter.Tell();
        _time.Advance(TimeSpan.FromSeconds(14));
        _reporter.Tell();
        Assert.Equal(3, (await Told()).Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _reporter.Tell();
        Assert.Equal(["0 live 0", "5 live 7", "6 parked: no such stream 7", "21 parked: no such stream 7"], await Told());
    }

    [Fact]
    public async Task Tells_how_far_a_start_is()
    {
        var status = _statuses.Open("ads", "kinesis");
        status.Starts(SinkState.Snapshot, "", 42);
        _reporter.Tell();
        status.Starts(SinkState.Snapshot, "", 43);
        _reporter.Tell();
        _reporter.Tell();
        Assert.Equal(["0 snapshot 42 % 0", "0 snapshot 43 % 0"], await Told());
    }

    [Fact]
    public async Task Takes_back_what_it_told_of_a_destination_that_went_and_of_all_when_it_stops()
    {
        _statuses.Open("ads", "kinesis").Live();
        _statuses.Open("crm", "s3").Live();
        _reporter.Tell();
        _statuses.Remove("ads");
        _reporter.Tell();
        Assert.Equal(["status:crm/pod-1"], await Standing());
        _reporter.Withdraw();
        Assert.Empty(await Standing());
    }

    [Fact]
    public async Task Instances_do_not_take_each_others_word()
    {
        _statuses.Open("ads", "kinesis").Live();
        using var other = New("pod-2");
        _reporter.Tell();
        other.Tell();
        Assert.Equal(["status:ads/pod-1", "status:ads/pod-2"], await Standing());
    }

    [Fact]
    public async Task What_another_process_of_its_name_has_cut_off_is_told_with_the_next_look()
    {
        var status = _statuses.Open("ads", "kinesis");
        status.Live();
        _reporter.Tell();
        _log.OpenWriter("sink-status.pod-1").Dispose();
        status.Park("refused");
        _reporter.Tell();
        Assert.Single(await Told());
        _reporter.Tell();
        Assert.Equal(["0 live 0", "0 parked: refused 0"], await Told());
    }

    private SinkReporter New(string instance) => new(_log, _topics, _statuses, instance, _time, NullLogger.Instance);

    /// <summary>Everything that was told, in order: seconds, standing, accepted.</summary>
    private async Task<List<string>> Told()
    {
        var told = new List<string>();
        await TopicFollower.ReadToEndAsync(
            _log,
            "test",
            [_topics.SinkState.Name],
            (in LogRecord record) =>
            {
                Assert.True(ReportCodec.TryRead("pod-1", record.Value, out var one));
                told.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(one.At - new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds} {one.Report.Standing} {one.Report.Counts.Accepted}"));
            },
            Cancellation);
        return told;
    }

    /// <summary>Keys that have a value.</summary>
    private async Task<List<string>> Standing()
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        await TopicFollower.ReadToEndAsync(
            _log,
            "test",
            [_topics.SinkState.Name],
            (in LogRecord record) =>
            {
                var key = System.Text.Encoding.UTF8.GetString(record.Key);
                if (record.IsTombstone)
                    keys.Remove(key);
                else
                    keys.Add(key);
            },
            Cancellation);
        return [.. keys];
    }
}
