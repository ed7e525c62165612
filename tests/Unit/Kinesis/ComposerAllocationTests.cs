using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

/// <summary>Composers and queue in steady state, of every format.</summary>
public sealed class ComposerAllocationTests
{
    private const int Users = 200;
    private const int Rounds = 51;

    [Theory]
    [InlineData("amplitude-cohort", "identifier_field: user_id")]
    [InlineData("amplitude-cohort", "identifier_field: team")]
    [InlineData("amplitude-cohort", "identifier_field: amplitude_id")]
    [InlineData("amplitude-cohort", "users_per_record: 1")]
    [InlineData("amplitude-cohort", "users_per_record: 20")]
    [InlineData("lytics-trigger", "identifier_field: user_id")]
    [InlineData("lytics-trigger", "identifier_field: team")]
    [InlineData("lytics-trigger", "")]
    [InlineData("events", "identifier_field: user_id")]
    [InlineData("events", "")]
    public void Nothing_is_allocated_a_record_once_it_runs(string format, string fields)
    {
        var queue = new DeliveryQueue(new(500, 1_000_000, 4, int.MaxValue, int.MaxValue), jitterSeed: 1);
        var progress = new PartitionProgress(new("deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new());
        using var composer = Composers.Create(Destination(format, fields), new(queue.Rent, queue.Add, key => key.Fill((byte)'k'), () => DateTimeOffset.UnixEpoch));
        var results = new EntryResult[Users];
        var batches = Enumerable.Range(0, Rounds * Users).Select(number => new TestBatch().Add("deltas", 0, number, $"u:user{number % Users}", Value(format, $"user{number % Users}"))).ToArray();
        var taken = 0;
        var least = Allocations.Least(() =>
        {
            for (var user = 0; user < Users; user++)
                composer.Take(batches[taken++], 0, progress, now: 0);
            composer.Tick(long.MaxValue / 2);
            while (queue.TryStart(0) is { } request)
                queue.Complete(request, DeliveryResponse.Answered(new ArraySegment<EntryResult>(results, 0, request.Records.Count)), 0);
            progress.Commit(progress.Deliverable()!);
        });

        // What is left is a response a request, and what one commit takes.
        Assert.InRange(least, 0, Users * 5);
    }

    private static byte[] Value(string format, string user) => format == "events"
        ? EventsTests.Event("page", user, time: At - 1, context: """{"city":"Oslo","custom":{"a":[1]}}""", properties: """{"n":1.0}""", userProperties: """{"$set":{"plan":"pro"}}""")
        : Delta(user, properties: $$"""{"plan":"pro","team":"{{user}}"}""");
}
