using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>
/// A transaction is bounded by what it holds and by what the processor has to write at its end, also within a batch: a record
/// may have any number of outputs. The lane's clock stands still here.
/// </summary>
public sealed class CommitBoundTests : IAsyncLifetime
{
    private const int Records = 10;
    private const int BytesMax = 1_000;

    /// <summary>The partition is taken over on a thread of its own, and nothing is read meanwhile.</summary>
    private const int TurnsMax = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("lane-").FullName;
    private EmbeddedLog _log = null!;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        foreach (var topic in (string[])["in", "out"])
            await _log.Admin.CreateAsync(new(topic, 1, TopicCleanup.Delete), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(BytesMax)]
    [InlineData(BytesMax / 2)]
    [InlineData(BytesMax / Records)]
    [InlineData((BytesMax / Records) - 1)]
    public void What_is_appended_ends_a_transaction_behind_the_record_that_fills_it(int bytesARecord) =>
        Run(new Filling((output, topic) => output.Append(topic, 0, Bytes.Null, new byte[bytesARecord])), bytesARecord);

    [Theory]
    [InlineData(BytesMax)]
    [InlineData(BytesMax / 2)]
    [InlineData((BytesMax / Records) - 1)]
    public void What_waits_to_be_staged_counts_too(int bytesARecord) =>
        Run(new Filling((output, _) => output.Expect(bytesARecord)), bytesARecord);

    /// <summary>All records come in one batch.</summary>
    private void Run(Filling processor, int bytesARecord)
    {
        Publish();
        var options = new LaneOptions { Group = "g", Topics = ["in"], TransactionalId = "g", BatchRecordsMax = Records, CommitBytesMax = BytesMax };
        using var lane = new Lane(_log, options, number: 0, _ => processor, new FakeTimeProvider(), NullLogger.Instance, TestContext.Current.CancellationToken);
        lane.Begin();
        for (var turn = 0; processor.Processed < Records && turn < TurnsMax; turn++)
            lane.Turn();
        Assert.Equal(Records, processor.Processed);
        var recordsACommit = (BytesMax + bytesARecord - 1) / bytesARecord;
        Assert.Equal(Enumerable.Range(1, Records / recordsACommit).Select(commit => (long)commit * recordsACommit), processor.Committed);
    }

    private void Publish()
    {
        using var writer = _log.OpenWriter("feed");
        var topic = writer.Topic("in");
        for (var record = 0; record < Records; record++)
            writer.Append(topic, 0, (byte[])[1], (byte[])[2]);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Does the same for each record, and notes at which offsets it is committed.</summary>
    private sealed class Filling(Action<LaneOutput, LaneTopic> fill) : ILaneProcessor
    {
        private LaneTopic? _topic;

        public int Processed { get; private set; }

        public List<long> Committed { get; } = [];

        public void Begin(LaneOutput output) => _topic = output.Topic("out");

        public IStateRestore? Restore(TopicPartition partition) => null;

        public void Assigned(in CommittedPosition committed, IStateRestore? restored)
        {
            // There is no state.
        }

        public void Removed(TopicPartition partition)
        {
            // Nor does it keep anything.
        }

        public int Process(RecordBatch batch, int first, LaneOutput output)
        {
            var next = first;
            while (next < batch.Records.Length)
            {
                fill(output, _topic!);
                next++;
                if (output.IsFull)
                    break;
            }

            Processed += next - first;
            return next;
        }

        public bool Tick(LaneOutput output) => false;

        public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output) => Committed.Add(Assert.Single(commits).Offset);

        public void Promote()
        {
            // There is no state.
        }

        public void Drop() => throw new InvalidOperationException("nothing goes wrong here");
    }
}
