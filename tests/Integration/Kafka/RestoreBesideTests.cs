using System.Collections.Concurrent;
using System.Text;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using TopicPartition = CohortPipeline.Log.TopicPartition;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>A lane on real Kafka with two partitions: one goes on while the other is still on its way into the lane.</summary>
public sealed class RestoreBesideTests(SharedKafka kafka) : IDisposable
{
    private const int Live = 0;
    private const int Coming = 1;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _topic = $"beside-{Guid.NewGuid():N}";
    private readonly NotingProcessor _processor = new();
    private Thread? _thread;
    private Lane? _lane;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Cancel();
        _processor.Release();
        _thread?.Join();
        _stop.Dispose();
        _processor.Dispose();
    }

    [Fact]
    public async Task Another_partitions_records_pass_during_a_restore()
    {
        await using var log = await OpenAsync();
        _processor.HoldRestoreOf(Coming);
        Publish(log, Coming, "c0");
        StartLane(log);

        for (var round = 0; round < 3; round++)
        {
            Publish(log, Live, $"l{round}");
            await ExpectAsync($"l{round}");
        }

        Assert.DoesNotContain("c0", _processor.Seen);
        Assert.False(_lane!.IsJoined);
        await ExpectCommittedAsync(log, Live);

        _processor.Release();
        await ExpectAsync("c0");
        await Eventually.HoldsAsync(() => _lane.IsJoined, "it does not say that it has joined", Deadline, Cancellation);
        Publish(log, Coming, "c1");
        await ExpectAsync("c1");
    }

    /// <summary>A killed owner's transaction, with the position of one partition in it, stays open until the broker ends it.</summary>
    [Fact]
    public async Task A_dead_owners_open_transaction_holds_up_its_own_partition_alone()
    {
        await using var log = await OpenAsync();
        Publish(log, Coming, "c0");
        using var dead = await LeaveOpenAsync(await kafka.ServersAsync());
        StartLane(log);

        Publish(log, Live, "l0");
        await ExpectAsync("l0");
        await ExpectCommittedAsync(log, Live);
        Assert.DoesNotContain("c0", _processor.Seen);

        dead.AbortTransaction();
        await ExpectAsync("c0");
    }

    private async Task<KafkaLog> OpenAsync()
    {
        var log = await kafka.OpenAsync();
        await log.Admin.CreateAsync(new(_topic, 2, Contracts.TopicCleanup.Delete), Cancellation);
        return log;
    }

    private async Task<IProducer<Null, Null>> LeaveOpenAsync(string servers)
    {
        using var member = new ConsumerBuilder<Null, Null>(new ConsumerConfig { BootstrapServers = servers, GroupId = _topic }).Build();
        var producer = new ProducerBuilder<Null, Null>(new ProducerConfig { BootstrapServers = servers, TransactionalId = $"{_topic}-dead", TransactionTimeoutMs = (int)Deadline.TotalMilliseconds }).Build();
        producer.InitTransactions(Deadline);
        producer.BeginTransaction();
        await Task.Run(() => producer.SendOffsetsToTransaction([new(_topic, Coming, 1)], member.ConsumerGroupMetadata, Deadline), Cancellation);
        return producer;
    }

    private void StartLane(KafkaLog log)
    {
        var options = new LaneOptions { Group = _topic, Topics = [_topic], TransactionalId = _topic };
        _lane = new(log, options, number: 0, _ => _processor, TimeProvider.System, NullLogger.Instance, _stop.Token);
        _thread = new(_lane.Run) { IsBackground = true };
        _thread.Start();
    }

    private void Publish(KafkaLog log, int partition, string value)
    {
        using var writer = log.OpenWriter($"{_topic}-publisher");
        writer.Append(writer.Topic(_topic), partition, Bytes.Null, Encoding.UTF8.GetBytes(value));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private Task ExpectAsync(string value) => Eventually.HoldsAsync(() => _processor.Seen.Contains(value), $"{value} was not processed", Deadline, Cancellation);

    private Task ExpectCommittedAsync(KafkaLog log, int partition) => Eventually.HoldsAsync(
        () =>
        {
            using var reader = log.OpenReader(new(_topic));
            return reader.Committed([new(_topic, partition)])[0].Exists;
        },
        $"the position of partition {partition} was not committed",
        Deadline,
        Cancellation);

    /// <summary>Notes what it reads; the restore of one partition takes as long as the test says.</summary>
    private sealed class NotingProcessor : ILaneProcessor, IDisposable
    {
        private readonly ManualResetEventSlim _released = new(initialState: false);
        private int? _held;

        public ConcurrentBag<string> Seen { get; } = [];

        public void HoldRestoreOf(int partition) => _held = partition;

        public void Release() => _released.Set();

        public void Begin(LaneOutput output)
        {
            // It appends nothing.
        }

        public IStateRestore? Restore(TopicPartition partition) => partition.Partition == _held ? new HeldRestore(_released) : null;

        public void Assigned(in CommittedPosition committed, IStateRestore? restored)
        {
            // It keeps nothing a partition.
        }

        public void Removed(TopicPartition partition)
        {
            // So there is nothing to forget.
        }

        public int Process(RecordBatch batch, int first, LaneOutput output)
        {
            foreach (ref readonly var record in batch.Records)
                Seen.Add(Encoding.UTF8.GetString(record.Value));
            return batch.Records.Length;
        }

        public bool Tick(LaneOutput output) => false;

        public void Stage(IReadOnlyList<PartitionCommit> commits, LaneOutput output)
        {
            // Nor does it write anything a commit.
        }

        public void Promote()
        {
            // What it has seen it has seen.
        }

        public void Drop()
        {
            // The records come again.
        }

        public void Dispose() => _released.Dispose();
    }

    private sealed class HeldRestore(ManualResetEventSlim released) : IStateRestore
    {
        private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(100);

        public (long Offset, long Sequence) Position => (CommittedPosition.None, 0);

        public bool Read(ILogReader reader) => released.Wait(StepTime);

        public bool Complete() => true;
    }
}
