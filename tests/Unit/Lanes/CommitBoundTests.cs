using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>A transaction is bounded by what it holds and by what the processor has to write at its end; the lane's clock stands still here.</summary>
public sealed class CommitBoundTests : IDisposable
{
    private const int Records = 10;
    private const int BytesMax = 1_000;

    /// <summary>The partition is taken over on a thread of its own, and nothing is read meanwhile.</summary>
    private const int TurnsMax = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("lane-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(BytesMax, Records)]
    [InlineData(BytesMax - 1, 0)]
    public async Task What_waits_to_be_staged_counts_towards_the_bound(long stagedBytes, int commits)
    {
        await using var log = EmbeddedLog.Open(_folder, TimeProvider.System);
        await log.Admin.CreateAsync(new("in", 1, TopicCleanup.Delete), TestContext.Current.CancellationToken);
        Publish(log);
        var processor = new HeldBytes(stagedBytes);
        var options = new LaneOptions { Group = "g", Topics = ["in"], TransactionalId = "g", BatchRecordsMax = 1, CommitBytesMax = BytesMax };
        using var lane = new Lane(log, options, number: 0, _ => processor, new FakeTimeProvider(), NullLogger.Instance, TestContext.Current.CancellationToken);
        lane.Begin();
        for (var turn = 0; processor.Processed < Records && turn < TurnsMax; turn++)
            lane.Turn();
        Assert.Equal(Records, processor.Processed);
        Assert.Equal(commits, processor.Commits);
    }

    private static void Publish(EmbeddedLog log)
    {
        using var writer = log.OpenWriter("feed");
        var topic = writer.Topic("in");
        for (var record = 0; record < Records; record++)
            writer.Append(topic, 0, (byte[])[1], (byte[])[2]);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private sealed class HeldBytes(long stagedBytes) : ILaneProcessor
    {
        public int Processed { get; private set; }

        public int Commits { get; private set; }

        public long StagedBytes => stagedBytes;

        public void Begin(LaneOutput output)
        {
            // It writes nothing.
        }

        public IStateRestore? Restore(TopicPartition partition) => null;

        public void Assigned(in CommittedPosition committed, IStateRestore? restored)
        {
            // There is no state.
        }

        public void Removed(TopicPartition partition)
        {
            // Nor does it keep anything.
        }

        public void Process(RecordBatch batch, LaneOutput output) => Processed += batch.Records.Length;

        public bool Tick(LaneOutput output) => false;

        public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output) => Commits++;

        public void Promote()
        {
            // There is no state.
        }

        public void Drop() => throw new InvalidOperationException("nothing goes wrong here");
    }
}
