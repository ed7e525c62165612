using System.Diagnostics;
using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>Brokers that are not there yet, go away, and come back.</summary>
public sealed class KafkaAvailabilityTests(RestartableKafka kafka) : IClassFixture<RestartableKafka>
{
    private const string NoBroker = "127.0.0.1:1";
    private const int Partitions = 2;
    private const int RecordsPerPartition = 3000;
    private const int BatchRecords = 50;
    private const int Restarts = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A broker that comes back still waits for members that have gone with it.</summary>
    private static readonly (string Name, string Value) ShortSession = ("session.timeout.ms", "6000");

    private readonly string _input = $"input-{Guid.NewGuid():N}";
    private readonly string _output = $"output-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_where_it_looked_when_no_broker_is_there()
    {
        await using var log = SharedKafka.Open(NoBroker);
        using var reader = log.OpenReader(new(_input));
        Action[] attempts =
        [
            () => log.OpenWriter(_output),
            () => reader.Subscribe([_input], new Copying()),
            () => log.Admin.DescribeAsync(_input, Cancellation).GetAwaiter().GetResult(),
            () => log.Admin.CreateAsync(new(_input, 1, TopicCleanup.Delete), Cancellation).GetAwaiter().GetResult(),
        ];

        var failures = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Record.Exception(attempt), Cancellation)));

        Assert.All(failures, failure => Assert.Contains(NoBroker, Assert.IsType<LogUnavailableException>(failure).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Begins_when_the_broker_comes()
    {
        var broker = await kafka.StoppedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        Assert.Throws<LogUnavailableException>(() => log.OpenWriter(_output));

        await broker.StartAsync();

        using var writer = log.OpenWriter(_output);
        await log.Admin.CreateAsync(new(_output, 1, TopicCleanup.Delete), Cancellation);
        writer.Append(writer.Topic(_output), 0, Bytes.Null, Bytes.From("first"u8));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Its partitions have other leaders then, if on the same machine, and those refuse whoever asks the ones before.</summary>
    [Fact]
    public async Task Asks_for_ends_again_when_a_killed_broker_is_back()
    {
        var broker = await kafka.StartedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        await log.Admin.CreateAsync(new(_output, Partitions, TopicCleanup.Delete), Cancellation);
        for (var restart = 0; restart < Restarts; restart++)
        {
            await Eventually.HoldsAsync(async _ => await EndsAsync(log), Patience, Cancellation);
            await broker.KillAsync();
            Assert.NotNull(await EndsAsync(log));
            await broker.StartAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Copies_exactly_once_while_the_broker_goes_and_comes_back(bool isKilled)
    {
        var broker = await kafka.StartedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers, null, ShortSession);
        await PublishAsync(log);
        using var copier = new Copier(log, _input, _output, _input, _input);

        TurnUntil(copier, () => copier.Outcomes.Count >= 5);
        await RestartableKafka.SettleAsync(log, _output, _input, _input, Cancellation);
        var away = Task.Run(
            async () =>
            {
                await (isKilled ? broker.KillAsync() : broker.StopAsync());
                await broker.StartAsync();
            },
            Cancellation);
        TurnUntil(copier, () => copier.IsDone(Partitions, RecordsPerPartition));
        await away;

        await AssertCopiedOnceAsync(log);
    }

    /// <summary>With the broker gone until the client gives the commit up, only a new writer can tell what became of it.</summary>
    [Fact]
    public async Task A_commit_that_nobody_answers_is_decided_by_the_next_writer()
    {
        var broker = await kafka.StartedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers, null, ShortSession);
        await PublishAsync(log);
        using var copier = new Copier(log, _input, _output, _input, _input);
        TurnUntil(copier, () => copier.Outcomes.Count >= 5 && copier.Owned.Count == Partitions);
        await RestartableKafka.SettleAsync(log, _output, _input, _input, Cancellation);

        await broker.KillAsync();
        var turning = Task.Run(() => TurnUntil(copier, () => copier.IsDone(Partitions, RecordsPerPartition)), Cancellation);
        await WaitAsync(() => copier.Outcomes.Contains(CommitOutcome.Unknown) || copier.UnavailablePolls > 3);
        await broker.StartAsync();
        await turning;

        await AssertCopiedOnceAsync(log);
    }

    [Fact]
    public async Task A_poll_says_that_the_broker_has_gone_and_reads_on_when_it_is_back()
    {
        var broker = await kafka.StartedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        await log.Admin.CreateAsync(new(_output, 1, TopicCleanup.Delete), Cancellation);
        using var reader = log.OpenReader(new(_input));
        reader.Assign([new(_output, 0, 0)]);
        Assert.Empty(reader.Poll(10, TimeSpan.FromSeconds(1)).Records.ToArray());

        await broker.StopAsync();
        var failure = Assert.Throws<LogUnavailableException>(() =>
        {
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Patience)
                reader.Poll(10, TimeSpan.FromMilliseconds(100));
        });
        Assert.Contains(broker.BootstrapServers, failure.Message, StringComparison.Ordinal);

        await broker.StartAsync();
        using var writer = log.OpenWriter(_output);
        writer.Append(writer.Topic(_output), 0, Bytes.Null, Bytes.From("back"u8));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
        var read = 0;
        await WaitAsync(() =>
        {
            try
            {
                return (read += reader.Poll(10, TimeSpan.FromMilliseconds(100)).Records.Length) > 0;
            }
            catch (LogUnavailableException)
            {
                return false;
            }
        });
        Assert.Equal(1, read);
    }

    /// <summary>Why the log does not answer; null: it does.</summary>
    private async Task<string?> EndsAsync(KafkaLog log)
    {
        try
        {
            Assert.Equal(new long[Partitions], await log.Admin.EndOffsetsAsync(_output, Isolation.Committed, Cancellation));
            return null;
        }
        catch (LogUnavailableException failure)
        {
            return failure.Message;
        }
    }

    private async Task PublishAsync(KafkaLog log)
    {
        await log.Admin.CreateAsync(new(_input, Partitions, TopicCleanup.Delete), Cancellation);
        await log.Admin.CreateAsync(new(_output, Partitions, TopicCleanup.Delete), Cancellation);
        using var writer = log.OpenWriter($"{_input}-publisher");
        var topic = writer.Topic(_input);
        for (var i = 0; i < RecordsPerPartition * Partitions; i++)
            writer.Append(topic, i % Partitions, Bytes.Null, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private async Task AssertCopiedOnceAsync(KafkaLog log)
    {
        var input = await LogDump.TopicAsync(log, _input, Cancellation);
        var output = await LogDump.TopicAsync(log, _output, Cancellation);
        for (var partition = 0; partition < Partitions; partition++)
            Assert.Equal(input[partition].Select(record => Encoding.UTF8.GetString(record.Value!)), output[partition].Select(record => Encoding.UTF8.GetString(record.Value!)));
    }

    private static void TurnUntil(Copier copier, Func<bool> isReached)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isReached())
        {
            Cancellation.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"waited in vain; outcomes: {string.Join(' ', copier.Outcomes.TakeLast(10))}, unavailable {copier.UnavailablePolls} times");
            copier.Turn(BatchRecords);
        }
    }

    private static async Task WaitAsync(Func<bool> isReached)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isReached())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "waited in vain");
            await Task.Delay(20, Cancellation);
        }
    }

    private sealed class Copying : IPositionedHandler
    {
        public long[] Assigned(IReadOnlyList<CommittedPosition> partitions) => [.. partitions.Select(partition => partition.Offset)];

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
        }

        public void Lost(IReadOnlyList<TopicPartition> partitions)
        {
        }
    }
}
