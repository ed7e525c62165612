using System.Diagnostics;
using System.Text;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>Groups as Kafka has them: static members, other assignors, both protocols, commits in the middle of rebalances.</summary>
public sealed class KafkaMembershipTests(SharedKafka kafka)
{
    private const int Partitions = 4;
    private const int RecordsPerPartition = 2000;
    private const int BatchRecords = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _input = $"input-{Guid.NewGuid():N}";
    private readonly string _output = $"output-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("partition.assignment.strategy", "cooperative-sticky")]
    [InlineData("partition.assignment.strategy", "range")]
    [InlineData("group.protocol", "consumer")]
    public async Task Copies_exactly_once_while_members_come_and_go(string name, string value)
    {
        await using var log = await kafka.OpenAsync(null, (name, value));
        await PublishAsync(log);
        var members = new List<Copier> { NewMember(log, 0) };
        var most = 1;
        Turn(members, () => members[0].Outcomes.Count > 5);
        members.Add(NewMember(log, 1));
        Turn(members, () => members.All(member => member.Owned.Count == 2) || AreDone(members));
        members.Add(NewMember(log, 2));
        most = members.Count;
        Turn(members, () => members.All(member => member.Owned.Count > 0) || AreDone(members));
        members[0].Dispose();
        members.RemoveAt(0);
        Turn(members, () => AreDone(members));

        Assert.Equal(3, most);
        Assert.DoesNotContain(CommitOutcome.Fenced, members.SelectMany(member => member.Outcomes));
        members.ForEach(member => member.Dispose());
        var input = await LogDump.TopicAsync(log, _input, Cancellation);
        var output = await LogDump.TopicAsync(log, _output, Cancellation);
        for (var partition = 0; partition < Partitions; partition++)
            Assert.Equal(input[partition].Select(record => Encoding.UTF8.GetString(record.Value!)), output[partition].Select(record => Encoding.UTF8.GetString(record.Value!)));
    }

    [Fact]
    public async Task A_static_member_comes_back_to_its_partitions_without_a_rebalance()
    {
        await using var log = await kafka.OpenAsync();
        await PublishAsync(log);
        var first = NewMember(log, 0, "instance-0");
        using var second = NewMember(log, 1, "instance-1");
        Turn([first, second], () => first.Owned.Count == 2 && second.Owned.Count == 2);
        var owned = first.Owned.Order(ByPartition).ToArray();
        var revocations = second.Revocations;

        first.Dispose();
        using var again = NewMember(log, 0, "instance-0");
        Turn([again, second], () => again.Owned.Count == 2);

        Assert.Equal(owned, again.Owned.Order(ByPartition));
        Assert.Equal(revocations, second.Revocations);
    }

    [Fact]
    public async Task A_second_member_of_the_same_name_fences_the_first()
    {
        await using var log = await kafka.OpenAsync();
        await PublishAsync(log);
        var first = NewMember(log, 0, "instance-0");
        Turn([first], () => first.Owned.Count == Partitions);
        using var second = NewMember(log, 1, "instance-0");

        Assert.Throws<FencedException>(() => Turn([second, first], () => false));

        first.Dispose();
    }

    /// <summary>With the consumer protocol a name is its holder's until it leaves, and librdkafka takes the refusal as its end.</summary>
    [Fact]
    public async Task A_name_that_another_process_still_holds_is_waited_for()
    {
        await using var log = await kafka.OpenAsync(null, ("group.protocol", "consumer"));
        await PublishAsync(log);
        var first = NewMember(log, 0, "instance-0");
        Turn([first], () => first.Owned.Count == Partitions);
        using var second = NewMember(log, 1, "instance-0");
        Turn([first, second], () => second.UnavailablePolls > 1);
        Assert.Equal(Partitions, first.Owned.Count);

        first.Dispose();

        Turn([second], () => second.Owned.Count == Partitions);
    }

    private static Comparer<TopicPartition> ByPartition => Comparer<TopicPartition>.Create((left, right) => left.Partition.CompareTo(right.Partition));

    private Copier NewMember(ILog log, int number, string? instanceId = null) => new(log, _input, _output, _input, $"{_input}-{number}", instanceId);

    private static bool AreDone(List<Copier> members) =>
        members.Sum(member => member.Owned.Count) == Partitions && members.All(member => member.IsDone(member.Owned.Count, RecordsPerPartition));

    private async Task PublishAsync(ILog log)
    {
        await log.Admin.CreateAsync(new(_input, Partitions, Contracts.TopicCleanup.Delete), Cancellation);
        await log.Admin.CreateAsync(new(_output, Partitions, Contracts.TopicCleanup.Delete), Cancellation);
        using var writer = log.OpenWriter($"{_input}-publisher");
        var topic = writer.Topic(_input);
        for (var i = 0; i < RecordsPerPartition * Partitions; i++)
            writer.Append(topic, i % Partitions, Bytes.Null, Encoding.UTF8.GetBytes($"{i}"));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private static void Turn(IReadOnlyList<Copier> members, Func<bool> isReached)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isReached())
        {
            Cancellation.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"waited in vain; owned: {string.Join(' ', members.Select(member => member.Owned.Count))}");
            foreach (var member in members)
                member.Turn(BatchRecords);
        }
    }
}
