using System.Collections.Concurrent;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class SinkWorkerTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"cohort-sinks-{Guid.NewGuid():n}");
    private readonly PipelineTopics _topics = new("", 1, null);
    private readonly SinkOptions _options = new();
    private readonly SinkStatuses _statuses = new(TimeProvider.System);
    private readonly Factory _factory = new();
    private EmbeddedLog _log = null!;
    private SinkWorker _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        await _log.Admin.CreateAsync(_topics.Destinations, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _worker.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Follows_the_destinations_there_are_that_come_that_change_and_that_go()
    {
        Put("one");
        await StartAsync();
        await AreRunning("one/s");
        Put("two");
        await AreRunning("one/s", "two/s");
        Put("one", stream: "other");
        await AreRunning("one/other", "two/s");
        Put("two", exists: false);
        await AreRunning("one/other");
        await Eventually.HoldsAsync(() => _statuses.Reports is [{ DestinationId: "one" }], "one report", Deadline, TestContext.Current.CancellationToken);
        await _worker.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_factory.Running);
    }

    [Fact]
    public async Task Serves_the_one_that_is_named_and_waits_for_it()
    {
        _options.Destination = "two";
        Put("one");
        await StartAsync();
        Assert.Equal(HealthStatus.Degraded, (await Health()).Status);
        Put("two");
        await AreRunning("two/s");
    }

    [Fact]
    public async Task A_row_that_is_no_destination_leaves_the_others_alone()
    {
        Put("broken", text: "{}");
        Put("one");
        await StartAsync();
        await AreRunning("one/s");
    }

    [Fact]
    public async Task Runs_a_destination_again_where_the_log_was_away_or_another_took_over()
    {
        _factory.Failures.Enqueue(new LogUnavailableException("away"));
        _factory.Failures.Enqueue(new FencedException("taken over"));
        Put("one");
        await StartAsync();
        await AreRunning("one/s");
        Assert.Equal(3, _factory.Starts);
    }

    [Fact]
    public async Task A_runner_that_is_broken_ends_the_worker()
    {
        _factory.Failures.Enqueue(new InvalidOperationException("broken"));
        Put("one");
        await StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _worker.ExecuteTask!.WaitAsync(Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Health_is_degraded_by_a_parked_destination_and_names_its_reason()
    {
        Put("one");
        await StartAsync();
        await AreRunning("one/s");
        Assert.Equal(HealthStatus.Unhealthy, (await Health()).Status);
        _factory.Status!.Live();
        Assert.Equal(HealthStatus.Healthy, (await Health()).Status);
        _factory.Status.Park("AccessDeniedException");
        var health = await Health();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Equal("parked: AccessDeniedException", health.Data["one"]);
    }

    private Task<HealthCheckResult> Health() => new SinkHealthCheck(_statuses, _options).CheckHealthAsync(new(), TestContext.Current.CancellationToken);

    private async Task StartAsync()
    {
        _worker = new(_log, _topics, _options, _factory, _statuses, TimeProvider.System, NullLogger<SinkWorker>.Instance);
        await _worker.StartAsync(TestContext.Current.CancellationToken);
    }

    private Task AreRunning(params string[] running) => Eventually.HoldsAsync(
        () => _factory.Running.Keys.Order(StringComparer.Ordinal).SequenceEqual(running), string.Join(", ", running), Deadline, TestContext.Current.CancellationToken);

    private void Put(string id, string stream = "s", bool exists = true, string? text = null)
    {
        var row = DestinationCodec.Encode(DestinationTextTests.One($"id: {id}\nsink: kinesis\ncohorts: [a]\nregion: us-west-2\nstream: {stream}\nformat: amplitude-cohort"));
        using var writer = _log.OpenWriter("control");
        var topic = writer.Topic(_topics.Destinations.Name);
        writer.Append(topic, 0, Encoding.UTF8.GetBytes(id), exists ? Bytes.From(text is null ? row : Encoding.UTF8.GetBytes(text)) : Bytes.Null);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Makes runners that do nothing until they are stopped.</summary>
    private sealed class Factory : ISinkFactory
    {
        private int _starts;

        public string Sink => KinesisDestination.SinkName;

        public ConcurrentDictionary<string, bool> Running { get; } = new();

        public ConcurrentQueue<Exception> Failures { get; } = new();

        public int Starts => _starts;

        public SinkStatus? Status { get; private set; }

        public ISinkRunner Create(Destination destination, SinkStatus status)
        {
            Interlocked.Increment(ref _starts);
            Status = status;
            return new Runner(this, $"{destination.Id}/{((KinesisDestination)destination).Stream}");
        }

        private sealed class Runner(Factory factory, string name) : ISinkRunner
        {
            public async Task RunAsync(CancellationToken stop)
            {
                if (factory.Failures.TryDequeue(out var failure))
                    throw failure;
                factory.Running[name] = true;
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                factory.Running.TryRemove(name, out _);
            }
        }
    }
}
