using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;
using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>
/// A Kafka cluster in memory, for one thread, with time that goes on only as it is told to: same seed, same run. It has what
/// exactly once rests on: transactions with a marker a partition, written when the fates say; last stable offsets; epochs
/// and fencing; groups with generations; positions that wait for their transaction; requests that come late.
/// </summary>
public sealed class Broker(Fates fates, GroupProtocol protocol = GroupProtocol.Cooperative)
{
    /// <summary>The day on which simulated time begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, (TopicSpec Spec, SimulatedPartition[] Partitions)> _topics = [];
    private readonly Dictionary<string, SimulatedGroup> _groups = [];
    private readonly Dictionary<string, TransactionalProducer> _producers = [];
    private readonly PriorityQueue<Action, (TimeSpan At, int Number)> _scheduled = new();
    private int _scheduledCount;
    private int _markersMissing;

    public SimulatedClock Clock { get; } = new(Start);

    public Fates Fates { get; } = fates;

    public GroupProtocol Protocol { get; } = protocol;

    /// <summary>Told of each transaction that is decided to stand, before its markers are written.</summary>
    public Action<Transaction>? WhenCommitted { get; set; }

    /// <summary>Nothing is undecided and no marker is missing.</summary>
    public bool IsSettled => _markersMissing == 0 && _producers.Values.All(producer => producer.Current is null or { IsOver: true });

    internal TimeSpan Now => Clock.Elapsed;

    public SimulatedLog Connect(string name) => new(this, name);

    public void Create(TopicSpec topic)
    {
        if (!_topics.ContainsKey(topic.Name))
            _topics[topic.Name] = (topic, [.. Enumerable.Range(0, topic.PartitionCount).Select(partition => new SimulatedPartition(new(topic.Name, partition)))]);
    }

    /// <summary>Puts a record there outside of any transaction, at an offset of its own.</summary>
    public void Put(string topic, int partition, long offset, byte[]? key, byte[]? value, params (string Name, byte[]? Value)[] headers) =>
        PartitionsOfTopic(topic)[partition].Append(offset, new(key, value, headers, Clock.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>What a reader of committed records sees of the partition, from its first record to its stable end.</summary>
    public IEnumerable<(long Offset, SimulatedRecord Record)> Visible(string topic, int partition)
    {
        var read = PartitionsOfTopic(topic)[partition];
        for (var index = read.FirstVisible(0); index < read.Records.Count && read.Records[index].Offset < read.StableEnd; index = read.FirstVisible(read.Records[index].Offset + 1))
            yield return (read.Records[index].Offset, read.Records[index].Record);
    }

    public long End(TopicPartition partition) => PartitionOf(partition).End;

    public CommittedPosition Committed(string group, TopicPartition partition) => GroupOf(group).Committed(partition);

    public void Compact(TopicPartition partition) => PartitionOf(partition).Compact();

    public SimulatedGroup GroupOf(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
            _groups[name] = group = new(this);
        return group;
    }

    /// <summary>Time has passed: what is due by now happens.</summary>
    public void PassTime()
    {
        while (_scheduled.TryPeek(out var action, out var due) && due.At <= Now)
        {
            _scheduled.Dequeue();
            action();
        }

        foreach (var group in _groups.Values)
            group.PassTime();
    }

    internal TopicSpec? SpecOf(string topic) => _topics.TryGetValue(topic, out var found) ? found.Spec : null;

    internal SimulatedPartition[] PartitionsOfTopic(string topic) =>
        _topics.TryGetValue(topic, out var found) ? found.Partitions : throw new LogException($"there is no topic {topic}");

    internal IEnumerable<TopicPartition> PartitionsOf(string topic) => PartitionsOfTopic(topic).Select(partition => partition.Place);

    internal SimulatedPartition PartitionOf(TopicPartition place)
    {
        var partitions = PartitionsOfTopic(place.Topic);
        return (uint)place.Partition < (uint)partitions.Length ? partitions[place.Partition] : throw new LogException($"topic {place.Topic} has {partitions.Length} partitions: there is no {place}");
    }

    internal TransactionalProducer ProducerOf(string transactionalId)
    {
        if (!_producers.TryGetValue(transactionalId, out var producer))
            _producers[transactionalId] = producer = new(transactionalId, this);
        return producer;
    }

    internal void Schedule(TimeSpan delay, Action action) => _scheduled.Enqueue(action, (Now + delay, _scheduledCount++));

    internal void WriteMarker(TopicPartition? partition, Action write, Transaction transaction)
    {
        _markersMissing++;
        var delay = Fates.MarkerDelay(partition);
        if (delay == TimeSpan.Zero)
            Write();
        else
            Schedule(delay, Write);

        void Write()
        {
            write();
            transaction.Marked();
            _markersMissing--;
        }
    }
}
