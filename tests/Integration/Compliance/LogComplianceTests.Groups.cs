using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

public abstract partial class LogComplianceTests
{
    [Fact]
    public async Task No_committed_position_is_a_value()
    {
        var topic = await NewTopicAsync(2);
        var group = NewName("group");
        var nothing = NewReader(group).Committed([new(topic, 1), new(topic, 0)]);

        Assert.Equal([new(topic, 1), new(topic, 0)], nothing.Select(position => position.TopicPartition));
        Assert.All(nothing, position => Assert.False(position.Exists));
        Assert.All(await Log.Admin.CommittedAsync(group, topic, Cancellation), position => Assert.False(position.Exists));
    }

    [Fact]
    public async Task A_single_member_gets_every_partition_on_its_own_thread()
    {
        var (first, second) = (await NewTopicAsync(3), await NewTopicAsync(1));
        var (reader, handler) = NewMember(NewName("group"), first, second);
        Assert.Empty(handler.Owned);

        Until("all partitions", () => Poll(reader, handler, 4));

        Assert.Equal([new(first, 0), new(first, 1), new(first, 2), new(second, 0)], handler.Owned.OrderBy(partition => (partition.Topic != first, partition.Partition)));
        Assert.All(handler.Assigned, position => Assert.False(position.Exists));
        Assert.Equal([Environment.CurrentManagedThreadId], handler.Threads);
    }

    [Theory]
    [InlineData("")]
    [InlineData("seq=17;writer=p.evaluator-0;ünïcödé ✓")]
    [InlineData(null)]
    public async Task Keeps_the_text_of_a_position(string? metadata)
    {
        metadata ??= new('m', CommittedPosition.MetadataBytesMax);
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a", "b");
        var group = NewName("group");
        var (reader, handler) = NewMember(group, topic);
        Until("the partition", () => Poll(reader, handler, 1));

        Assert.True(reader.Commit([new(topic, 0, 1, metadata)]));

        Assert.Equal([new(topic, 0, 1, metadata)], reader.Committed([new(topic, 0)]));
        using var writer = NewWriter();
        Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, [new(topic, 0, 2, metadata)]));
        Assert.Equal([new(topic, 0, 2, metadata)], await Log.Admin.CommittedAsync(group, topic, Cancellation));
    }

    [Fact]
    public async Task The_next_member_starts_where_the_last_one_committed()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a", "b", "c");
        var group = NewName("group");
        var (reader, _) = NewMember(group, topic);
        Read(reader, 1, recordsMax: 1);
        Assert.True(reader.Commit([new(topic, 0, 1, "one read")]));
        reader.Leave();

        var (next, handler) = NewMember(group, topic);

        Assert.Equal(["b", "c"], ReadValues(next, 2));
        Assert.Equal([new(topic, 0, 1, "one read")], handler.Assigned);
    }

    [Fact]
    public async Task Groups_do_not_see_each_other()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a");
        var (first, _) = NewMember(NewName("group"), topic);
        var (second, _) = NewMember(NewName("group"), topic);

        Assert.Equal(["a"], ReadValues(first, 1));
        Assert.Equal(["a"], ReadValues(second, 1));
        Assert.True(first.Commit([new(topic, 0, 1, "")]));
        Assert.False(second.Committed([new(topic, 0)])[0].Exists);
    }

    [Fact]
    public async Task Two_members_share_the_partitions_and_neither_reads_what_the_other_owns()
    {
        const int partitions = 4;
        const int perPartition = 200;
        var topic = await NewTopicAsync(partitions);
        for (var partition = 0; partition < partitions; partition++)
            Publish(topic, partition, [.. Enumerable.Range(0, perPartition).Select(number => $"{number}")]);
        var group = NewName("group");
        var seen = new List<SeenRecord>();
        var (first, firstHandler) = NewCommittingMember(group, topic, seen);
        Until("a start", () => first.PollAndCommit() > 0);

        var (second, secondHandler) = NewCommittingMember(group, topic, seen);
        Until("two halves, and all read", () =>
        {
            first.PollAndCommit();
            second.PollAndCommit();
            Assert.Empty(firstHandler.Owned.Intersect(secondHandler.Owned));
            return firstHandler.Owned.Count == 2 && secondHandler.Owned.Count == 2 && seen.Count >= partitions * perPartition;
        });

        Assert.Equal(2, firstHandler.Revoked.Count);
        Assert.Empty(firstHandler.Lost);
        AssertReadOnceInOrder(seen, partitions, perPartition);
        foreach (var position in second.Reader.Committed([.. secondHandler.Owned]))
            Assert.Equal(perPartition, position.Offset);
    }

    [Fact]
    public async Task A_member_that_leaves_hands_everything_over()
    {
        const int partitions = 3;
        const int perPartition = 100;
        var topic = await NewTopicAsync(partitions);
        for (var partition = 0; partition < partitions; partition++)
            Publish(topic, partition, [.. Enumerable.Range(0, perPartition).Select(number => $"{number}")]);
        var group = NewName("group");
        var seen = new List<SeenRecord>();
        var (first, firstHandler) = NewCommittingMember(group, topic, seen);
        var (second, secondHandler) = NewCommittingMember(group, topic, seen);
        Until("a share each", () =>
        {
            first.PollAndCommit();
            second.PollAndCommit();
            return firstHandler.Owned.Count > 0 && secondHandler.Owned.Count > 0;
        });
        var owned = firstHandler.Owned.ToList();

        first.Reader.Leave();

        Assert.Empty(firstHandler.Owned);
        Assert.Equal(owned.Count, firstHandler.Revoked.Intersect(owned).Count());
        Until("all partitions, and all read", () =>
        {
            second.PollAndCommit();
            return secondHandler.Owned.Count == partitions && seen.Count >= partitions * perPartition;
        });
        AssertReadOnceInOrder(seen, partitions, perPartition);
    }

    [Fact]
    public async Task A_member_that_leaves_may_commit_for_the_last_time()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a");
        var group = NewName("group");
        var (reader, handler) = NewMember(group, topic);
        Until("the partition", () => Poll(reader, handler, 1));
        var isCommitted = false;
        handler.OnRevoked = _ => isCommitted = reader.Commit([new(topic, 0, 1, "at the end")]);

        reader.Leave();

        Assert.True(isCommitted);
        Assert.Equal([new(topic, 0, 1, "at the end")], await Log.Admin.CommittedAsync(group, topic, Cancellation));
    }

    [Fact]
    public async Task Everything_owned_can_be_committed_while_partitions_are_revoked()
    {
        var topic = await NewTopicAsync(2);
        var group = NewName("group");
        var (first, firstHandler) = NewMember(group, topic);
        Until("both partitions", () => Poll(first, firstHandler, 2));
        using var writer = NewWriter();
        var outcomes = new List<CommitOutcome>();
        firstHandler.OnRevoked = _ => outcomes.Add(writer.Commit(first, [new(topic, 0, 0, "on revoke"), new(topic, 1, 0, "on revoke")]));

        var (second, secondHandler) = NewMember(group, topic);
        Until("one partition each", () =>
        {
            PollOnce(first);
            return Poll(second, secondHandler, 1) && firstHandler.Owned.Count == 1;
        });

        Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal("on revoke", Assert.Single(secondHandler.Assigned).Metadata);
    }

    [Fact]
    public async Task A_member_that_does_not_poll_loses_its_partitions()
    {
        var (topic, output) = (await NewTopicAsync(2), await NewTopicAsync());
        Publish(topic, 0, "a");
        Publish(topic, 1, "b");
        var group = NewName("group");
        var (silent, silentHandler) = NewMember(group, topic);
        var (second, secondHandler) = NewMember(group, topic);
        Until("one partition each", () =>
        {
            PollOnce(silent);
            return Poll(second, secondHandler, 1) && silentHandler.Owned.Count == 1;
        });
        var lost = Assert.Single(silentHandler.Owned);
        silentHandler.Revoked.Clear();
        using var writer = NewWriter();
        Append(writer, output, 0, "of a sleeper");

        await PassPollIntervalAsync(() => PollOnce(second));
        Until("the other takes over", () => Poll(second, secondHandler, 2));

        Assert.NotEqual(CommitOutcome.Committed, writer.Commit(silent, [new(topic, lost.Partition, 1, "of a sleeper")]));
        Assert.False(silent.Commit([new(topic, lost.Partition, 1, "of a sleeper")]));
        Assert.Empty(silentHandler.Lost);
        Until("the loss is told", () =>
        {
            PollOnce(silent);
            PollOnce(second);
            return silentHandler.Lost.Count > 0;
        });
        Assert.Equal([lost], silentHandler.Lost);
        Assert.Empty(silentHandler.Revoked);
        Assert.False(second.Committed([lost])[0].Exists);
        Assert.Empty(ReadToEnd(NewReaderAt(output, 0), 0).Records);

        Until("it has joined again", () =>
        {
            PollOnce(second);
            return Poll(silent, silentHandler, 1);
        });
    }

    [Fact]
    public async Task What_a_handler_throws_comes_out_of_the_poll()
    {
        var topic = await NewTopicAsync();
        var (reader, handler) = NewMember(NewName("group"), topic);
        handler.OnAssigned = _ => throw new InvalidOperationException("restore failed");

        var thrown = Assert.ThrowsAny<Exception>(() => Until("the handler", () => Poll(reader, handler, 1)));

        Assert.Contains("restore failed", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_handler_throws_on_leaving_comes_out_of_it()
    {
        var topic = await NewTopicAsync();
        var group = NewName("group");
        var (reader, handler) = NewMember(group, topic);
        Until("the partition", () => Poll(reader, handler, 1));
        handler.OnRevoked = _ => throw new InvalidOperationException("last commit failed");

        var thrown = Assert.ThrowsAny<Exception>(reader.Leave);

        Assert.Contains("last commit failed", thrown.ToString(), StringComparison.Ordinal);
        var (next, nextHandler) = NewMember(group, topic);
        Until("the next one has it", () => Poll(next, nextHandler, 1));
    }

    [Fact]
    public async Task A_pause_holds_while_other_partitions_come_and_go()
    {
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a");
        Publish(topic, 1, "b");
        var group = NewName("group");
        var (first, firstHandler) = NewMember(group, topic);
        firstHandler.OnAssigned = null;
        Until("both partitions", () => Poll(first, firstHandler, 2));
        first.Pause([new(topic, 0), new(topic, 1)]);
        var (second, secondHandler) = NewMember(group, topic);
        Until("one partition each", () =>
        {
            PollOnce(first);
            return Poll(second, secondHandler, 1) && firstHandler.Owned.Count == 1;
        });
        var kept = Assert.Single(firstHandler.Owned);
        first.Seek([new(topic, kept.Partition, 0)]);
        Assert.Empty(PollOnce(first).Records);

        first.Resume([kept]);

        Assert.Equal(kept.Partition, Assert.Single(Read(first, 1)).Partition);
    }

    private static void AssertReadOnceInOrder(List<SeenRecord> seen, int partitions, int perPartition)
    {
        Assert.Equal(partitions * perPartition, seen.Count);
        foreach (var partition in seen.GroupBy(record => record.Partition))
            Assert.Equal(Enumerable.Range(0, perPartition).Select(number => $"{number}"), partition.Select(record => record.Value));
    }

    private (CommittingMember Member, RecordingHandler Handler) NewCommittingMember(string group, string topic, List<SeenRecord> seen)
    {
        var (reader, handler) = NewMember(group, topic);
        return (new(reader, handler, seen), handler);
    }

    /// <summary>A member that commits after each poll what it has read, and nothing later.</summary>
    private sealed class CommittingMember(ILogReader reader, RecordingHandler handler, List<SeenRecord> seen)
    {
        private const int RecordsMax = 20;

        public ILogReader Reader { get; } = reader;

        public int PollAndCommit()
        {
            var records = PollOnce(Reader, RecordsMax).Records;
            var positions = new Dictionary<TopicPartition, long>();
            foreach (var record in records)
            {
                var partition = new TopicPartition(record.Topic, record.Partition);
                Assert.Contains(partition, handler.Owned);
                positions[partition] = record.Offset + 1;
            }

            // A commit may meet a group in the middle of a rebalance: then nothing counts, and it is read again.
            if (positions.Count > 0 && Reader.Commit([.. positions.Select(position => new CommittedPosition(position.Key.Topic, position.Key.Partition, position.Value, ""))]))
                seen.AddRange(records);
            else if (positions.Count > 0)
                GoBack(positions.Keys);
            return records.Count;
        }

        private void GoBack(IEnumerable<TopicPartition> partitions) =>
            Reader.Seek([.. Reader.Committed([.. partitions.Intersect(handler.Owned)]).Select(position => new PartitionPosition(position.Topic, position.Partition, Math.Max(position.Offset, 0)))]);
    }
}
