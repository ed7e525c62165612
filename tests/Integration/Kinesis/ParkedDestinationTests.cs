using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Proof;
using Microsoft.Extensions.Logging.Abstractions;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>A destination from its definition to the records in its stream, on a server that is not ours.</summary>
public sealed class ParkedDestinationTests(SharedMoto moto) : IDisposable
{
    private const int Users = 40;
    private const int ChangesOfEach = 5;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("cohort-parked-").FullName;

    [Fact]
    public async Task Waits_for_a_stream_that_does_not_exist_and_then_delivers_everything_in_order()
    {
        var server = await moto.ServerAsync();
        await using var log = EmbeddedLog.Open(_folder, TimeProvider.System);
        var topics = new PipelineTopics("", 2, null);
        foreach (var topic in topics.All)
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        Write(log, topics);

        var destination = SenderFixtures.Destination("late", server.Address, "identifier_field: user_id\nusers_per_record: 1\n");
        OldDestination.Begin(log, topics, destination.Id);
        var status = new SinkStatus(destination.Id, destination.Sink, TimeProvider.System);
        var environment = new SinkEnvironment(log, topics, new(), MemoryMemberSnapshots.Instance, TimeProvider.System, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var sender = new KinesisSender(SenderFixtures.Client(server.Address, new Amazon.Runtime.BasicAWSCredentials("test", "test")), destination, null);
        var running = Task.Run(() => Run(environment, destination, status, sender, stop.Token), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => status.Report.State == SinkState.Parked || running.IsCompleted, "parked", Deadline, TestContext.Current.CancellationToken);
        Assert.StartsWith("ResourceNotFoundException: kinesis:PutRecords: Stream late", status.Report.Reason, StringComparison.Ordinal);

        await server.Calls.CreateStreamAsync("late", 2, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(
            _ => Task.FromResult(running.IsCompleted || status.Report.Counts.Accepted == Users * ChangesOfEach ? null : status.Report.ToString()), Deadline, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
        Assert.Equal(SinkState.Live, status.Report.State);
        Check(await server.Calls.ReadStreamAsync("late", TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Check(IReadOnlyList<StreamRecord> records)
    {
        Assert.Equal(Users * ChangesOfEach, records.Count);
        foreach (var user in records.GroupBy(record => record.PartitionKey))
        {
            var times = user.OrderBy(record => System.Numerics.BigInteger.Parse(record.SequenceNumber, System.Globalization.CultureInfo.InvariantCulture))
                .Select(record => (string)JsonNode.Parse(record.Data)!["computed_time"]!)
                .ToArray();
            Assert.Equal(ChangesOfEach, times.Distinct().Count());
            Assert.Equal(times.Order(StringComparer.Ordinal), times);
        }
    }

    private static void Run(SinkEnvironment environment, KinesisDestination destination, SinkStatus status, IRecordSender sender, CancellationToken stop)
    {
        using var loop = new DeliveryLoop(environment, destination, status, DeliveryLife.Of(destination, sender, TimeProvider.System));
        loop.Run(stop);
    }

    private static void Write(EmbeddedLog log, PipelineTopics topics)
    {
        using var writer = log.OpenWriter("test");
        var topic = writer.Topic(topics.MembershipDeltas.Name);
        for (var version = 1; version <= ChangesOfEach; version++)
        {
            for (var user = 0; user < Users; user++)
                new SampleDelta($"user{user}", version, Change: version % 2 == 0 ? MembershipChange.Exit : MembershipChange.Enter).AppendTo(writer, topic);
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }
}
