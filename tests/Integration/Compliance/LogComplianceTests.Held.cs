using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

public abstract partial class LogComplianceTests
{
    [Fact]
    public async Task A_partition_that_came_is_held_until_it_is_sought_while_others_go_on()
    {
        const int held = 1;
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a0");
        Publish(topic, held, "b0", "b1");
        var reader = NewReader();
        var owner = new HoldingOwner(partitions => reader.Seek([.. partitions.Where(partition => partition.Partition != held).Select(partition => new PartitionPosition(topic, partition.Partition, 0))]));
        reader.Subscribe([topic], owner);

        Assert.Equal(["a0"], ReadValues(reader, 1));
        Assert.Equal(2, owner.Owned.Count);
        Publish(topic, 0, "a1");
        Assert.Equal(["a1"], ReadValues(reader, 1));
        var later = PollOnce(reader, timeout: TimeSpan.FromMilliseconds(300));
        Assert.DoesNotContain(held, later.Records.Select(record => record.Partition).Concat(later.Signals.Select(signal => signal.Partition)));

        reader.Seek([new(topic, held, 1)]);

        Assert.Equal(["b1"], ReadValues(reader, 1));
        Publish(topic, held, "b2");
        Publish(topic, 0, "a2");
        Assert.Equal(["a2", "b2"], ReadValues(reader, 2).Order());
    }

    [Fact]
    public async Task Partitions_that_are_held_go_and_come_as_others_do()
    {
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a");
        Publish(topic, 1, "b");
        var group = NewName("group");
        var (first, second) = (NewReader(group), NewReader(group));
        var (firstOwner, secondOwner) = (new HoldingOwner(_ => { }), new HoldingOwner(_ => { }));
        first.Subscribe([topic], firstOwner);
        Until("both partitions", () => PollOnce(first).Records.Count == 0 && firstOwner.Owned.Count == 2);
        second.Subscribe([topic], secondOwner);
        Until("one partition each", () => PollOnce(first).Records.Count + PollOnce(second).Records.Count == 0 && firstOwner.Owned.Count == 1 && secondOwner.Owned.Count == 1);
        first.Leave();
        Until("both partitions again", () => PollOnce(second).Records.Count == 0 && secondOwner.Owned.Count == 2);

        second.Seek([new(topic, 0, 0), new(topic, 1, 0)]);

        Assert.Equal(["a", "b"], ReadValues(second, 2).Order());
    }

    [Fact]
    public async Task Hears_that_it_has_joined_where_the_group_has_nothing_for_it()
    {
        var topic = await NewTopicAsync(1);
        var group = NewName("group");
        var (first, handler) = NewMember(group, topic);
        Until("the partition", () => Poll(first, handler, 1));
        var second = NewReader(group);
        var owner = new HoldingOwner(_ => { });

        second.Subscribe([topic], owner);

        // Which of the two has the partition then is the group's choice.
        Until("both joined", () =>
        {
            PollOnce(first);
            PollOnce(second);
            return owner.Assignments > 0 && handler.Owned.Count + owner.Owned.Count == 1;
        });
    }

    /// <summary>Rewinding one partition while partitions go must not lose what the same poll had brought of another.</summary>
    [Fact]
    public async Task A_seek_leaves_alone_what_has_come_for_other_partitions()
    {
        const int partitions = 6;
        const int perPartition = 300;
        var topic = await NewTopicAsync(partitions);
        for (var partition = 0; partition < partitions; partition++)
            Publish(topic, partition, [.. Enumerable.Range(0, perPartition).Select(number => $"{number}")]);
        var group = NewName("group");
        var (first, firstHandler) = NewMember(group, topic);
        var seen = new List<SeenRecord>();
        var sought = new HashSet<int>();
        firstHandler.OnRevoked = gone =>
        {
            // However many stay, one of them is read again; the others must not notice.
            var again = firstHandler.Owned.Except(gone).Min(partition => partition.Partition);
            sought.Add(again);
            first.Seek([new(topic, again, 0)]);
        };
        Until("a start", () => Gather(first) > 0);

        var (second, secondHandler) = NewMember(group, topic);
        Until("two shares", () =>
        {
            Gather(first);
            PollOnce(second, 1);
            return secondHandler.Owned.Count > 0 && firstHandler.Owned.Count + secondHandler.Owned.Count == partitions;
        });
        Until("all of what stayed", () =>
        {
            Gather(first);
            return firstHandler.Owned.All(partition => seen.Any(record => record.Partition == partition.Partition && record.Offset == perPartition - 1));
        });

        Assert.NotEmpty(sought);
        foreach (var partition in firstHandler.Owned.Where(partition => !sought.Contains(partition.Partition)))
            Assert.Equal(Enumerable.Range(0, perPartition).Select(offset => (long)offset), seen.Where(record => record.Partition == partition.Partition).Select(record => record.Offset));

        int Gather(ILogReader reader)
        {
            var records = PollOnce(reader, 10).Records;
            seen.AddRange(records);
            return records.Count;
        }
    }

    /// <summary>Takes what it is given, and begins where the test says.</summary>
    private sealed class HoldingOwner(Action<IReadOnlyList<TopicPartition>> assigned) : IAssignmentHandler
    {
        public HashSet<TopicPartition> Owned { get; } = [];

        public int Assignments { get; private set; }

        public void Assigned(IReadOnlyList<TopicPartition> partitions)
        {
            Assignments++;
            Owned.UnionWith(partitions);
            assigned(partitions);
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions) => Owned.ExceptWith(partitions);

        public void Lost(IReadOnlyList<TopicPartition> partitions) => Owned.ExceptWith(partitions);
    }
}
