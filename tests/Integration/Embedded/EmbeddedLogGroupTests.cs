using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Xunit;

namespace CohortPipeline.Tests.Integration.Embedded;

/// <summary>
/// Goal: lanes on threads of their own that join, leave, vanish and abort at random copy every record once, and in order.
/// Method: each lane polls, appends what it got to the output's partition of the same number, and commits both as one; the seed
/// decides when it aborts, leaves or is dropped without a word. The output is then the input, partition by partition.
/// </summary>
public sealed class EmbeddedLogGroupTests
{
    private const int Lanes = 3;
    private const int Partitions = 5;
    private const int PerPartition = 2000;
    private const int Seed = 7_311;
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Lanes_that_come_and_go_copy_every_record_once_and_in_order()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open(new() { TailBytesMax = 20_000 });
        await LogFolder.CreateAsync(log, new("input", Partitions, TopicCleanup.Delete));
        await LogFolder.CreateAsync(log, new("output", Partitions, TopicCleanup.Delete));
        for (var partition = 0; partition < Partitions; partition++)
            LogFolder.Commit(log, "input", partition, [.. Enumerable.Range(0, PerPartition).Select(number => ((string?)null, (string?)$"{number}"))]);

        var lanes = Enumerable.Range(0, Lanes).Select(number => Task.Factory.StartNew(
            () => RunLane(log, number), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(lanes);

        for (var partition = 0; partition < Partitions; partition++)
        {
            var copied = LogFolder.Read(log, "output", partition).Select(record => int.Parse(record.Value!, CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(0, PerPartition), copied);
        }
    }

    private static void RunLane(EmbeddedLog log, int number)
    {
        var random = new Random(Seed + number);
        while (!IsDone(log))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            using var lane = new CopyLane(log, $"lane-{number}");
            for (var left = random.Next(1, 40); left > 0 && !IsDone(log); left--)
                lane.Step(recordsMax: random.Next(1, 60), abort: random.Next(10) == 0);
            if (random.Next(3) > 0)
                lane.Leave();
        }
    }

    private static bool IsDone(EmbeddedLog log)
    {
        using var reader = log.OpenReader(new("copy"));
        return reader.Committed([.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition("input", partition))])
            .All(position => position.Offset == PerPartition);
    }

    private sealed class CopyLane : IPositionedHandler, IDisposable
    {
        private readonly ILogReader _reader;
        private readonly ILogWriter _writer;
        private readonly OutputTopic _output;
        private readonly Dictionary<TopicPartition, long> _pending = [];

        public CopyLane(EmbeddedLog log, string name)
        {
            _reader = log.OpenReader(new("copy"));
            _writer = log.OpenWriter(name);
            _output = _writer.Topic("output");
            _reader.Subscribe(["input"], this);
        }

        public void Step(int recordsMax, bool abort)
        {
            foreach (ref readonly var record in _reader.Poll(recordsMax, PollTime).Records)
            {
                _writer.Append(_output, record.Partition, Bytes.Null, record.Value);
                _pending[new(record.Topic, record.Partition)] = record.Offset + 1;
            }

            if (_pending.Count == 0)
                return;
            if (abort)
                GoBack(_writer.Abort());
            else
                Commit();
        }

        public void Leave()
        {
            _reader.Poll(10, TimeSpan.Zero);
            GoBack(_writer.Abort());
            _reader.Leave();
        }

        public void Dispose()
        {
            _writer.Dispose();
            _reader.Dispose();
        }

        long[] IPositionedHandler.Assigned(IReadOnlyList<CommittedPosition> partitions) => [.. partitions.Select(position => Math.Max(position.Offset, 0))];

        void IPositionedHandler.Revoked(IReadOnlyList<TopicPartition> partitions)
        {
            if (_pending.Count > 0)
                Commit();
        }

        void IPositionedHandler.Lost(IReadOnlyList<TopicPartition> partitions) => throw new InvalidOperationException("nobody is silent for five minutes here");

        private void Commit()
        {
            var positions = _pending.Select(pending => new CommittedPosition(pending.Key.Topic, pending.Key.Partition, pending.Value, "")).ToList();
            Assert.Equal(CommitOutcome.Committed, _writer.Commit(_reader, positions));
            _pending.Clear();
        }

        private void GoBack(CommitOutcome outcome)
        {
            Assert.Equal(CommitOutcome.Aborted, outcome);
            _reader.Seek([.. _reader.Committed([.. _pending.Keys]).Select(position => new PartitionPosition(position.Topic, position.Partition, Math.Max(position.Offset, 0)))]);
            _pending.Clear();
        }
    }
}
