using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>A sink that the test turns itself, on a clock of its own: requests are real, hours are not.</summary>
internal sealed class SteppedDelivery : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly EmbeddedLog _log;
    private readonly PipelineTopics _topics = new("", 1, null);
    private readonly IRecordSender _sender;
    private readonly DeliveryLoop _loop;
    private int _version;

    private SteppedDelivery(string folder, EmbeddedLog log, KinesisDestination destination, IRecordSender sender, FakeTimeProvider time)
    {
        (_folder, _log, _sender, Time) = (folder, log, sender, time);
        Status = new(destination.Id, destination.Sink, time);
        _loop = new(new(log, _topics, new(), MemoryMemberSnapshots.Instance, time, NullLogger.Instance), destination, Status, DeliveryLife.Of(destination, sender, time));
    }

    public FakeTimeProvider Time { get; }

    public SinkStatus Status { get; }

    /// <summary>Records that were given to it.</summary>
    public int Given => _version;

    public bool HasAll => Status.Report.Counts is { InFlight: 0 } counts && counts.Accepted == Given;

    public static async Task<SteppedDelivery> BeginAsync(KinesisDestination destination, IRecordSender sender, FakeTimeProvider time)
    {
        var folder = Directory.CreateTempSubdirectory("cohort-stepped-").FullName;
        var log = EmbeddedLog.Open(folder, TimeProvider.System);
        var delivery = new SteppedDelivery(folder, log, destination, sender, time);
        foreach (var topic in delivery._topics.All)
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        OldDestination.Begin(log, delivery._topics, destination.Id);
        delivery._loop.Begin();
        return delivery;
    }

    /// <summary>One more change of the one user there is.</summary>
    public void Give()
    {
        using var writer = _log.OpenWriter("test");
        _version++;
        new SampleDelta("ada", _version, Change: _version % 2 == 0 ? MembershipChange.Exit : MembershipChange.Enter).AppendTo(writer, writer.Topic(_topics.MembershipDeltas.Name));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Turns until something is so; the clock stands still, or goes on by <paramref name="step"/> a turn.</summary>
    public Task TurnUntilAsync(Func<bool> isSo, TimeSpan step = default) => Eventually.HoldsAsync(
        _ =>
        {
            for (var turns = 0; turns < 100 && !isSo(); turns++)
            {
                Time.Advance(step);
                _loop.Turn();
            }

            return Task.FromResult(isSo() ? null : $"{Status.Report.Standing}, {Status.Report.Counts} of {Given}");
        },
        Deadline,
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _loop.Dispose();
        await _sender.DisposeAsync();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
