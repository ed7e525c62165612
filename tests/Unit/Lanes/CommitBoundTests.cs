using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>A transaction is bounded by what it holds and by what the processor has to write at its end; the clock stands still here.</summary>
public sealed class CommitBoundTests
{
    private const int Records = 10;
    private const int BytesMax = 1_000;

    [Theory]
    [InlineData(BytesMax, Records)]
    [InlineData(BytesMax - 1, 0)]
    public void What_waits_to_be_staged_counts_towards_the_bound(long stagedBytes, int commits)
    {
        var log = new MemoryLog(MemoryFaults.None);
        log.Create(new("in", 1, TopicCleanup.Delete));
        for (var offset = 0; offset < Records; offset++)
            log.Put("in", 0, offset, [1], [2]);
        var processor = new HeldBytes(stagedBytes);
        var options = new LaneOptions { Group = "g", Topics = ["in"], TransactionalId = "g", BatchRecordsMax = 1, CommitBytesMax = BytesMax };
        using var lane = new Lane(log, options, number: 0, _ => processor, new FakeTimeProvider(), NullLogger.Instance, CancellationToken.None);
        lane.Begin();
        for (var turn = 0; turn < Records; turn++)
            lane.Turn();
        Assert.Equal(Records, processor.Processed);
        Assert.Equal(commits, processor.Commits);
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
