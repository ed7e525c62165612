using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Reading;

/// <content>From where partitions are read, and whether they are: seeks, pauses, resumes.</content>
internal sealed unsafe partial class KafkaReader
{
    private static readonly TimeSpan SeekTimeout = TimeSpan.FromSeconds(5);

    private readonly List<PartitionPosition> _seeks = [];

    public void Seek(IReadOnlyList<PartitionPosition> positions)
    {
        ThrowIfClosed();
        foreach (var position in positions)
        {
            if (!Owns(position.TopicPartition) && !_membership.IsComing(position.TopicPartition))
                throw new InvalidOperationException($"{position.TopicPartition} is not assigned: it cannot be sought");
        }

        if (!_membership.IsInHandler)
        {
            SeekNow(positions);
            return;
        }

        foreach (var position in positions)
        {
            if (_membership.IsComing(position.TopicPartition))
                _membership.StartAt(position);
            else
                _seeks.Add(position);
        }
    }

    public void Pause(IReadOnlyList<TopicPartition> partitions)
    {
        ThrowIfClosed();
        _membership.Pause(partitions);
    }

    public void Resume(IReadOnlyList<TopicPartition> partitions)
    {
        ThrowIfClosed();
        _membership.Resume(partitions);
        if (!_membership.IsInHandler)
            Wake(partitions);
    }

    private void SeekDeferred()
    {
        var owned = _seeks.Where(position => Owns(position.TopicPartition)).ToArray();
        _seeks.Clear();
        SeekNow(owned);
    }

    private void SeekNow(IReadOnlyList<PartitionPosition> positions)
    {
        DropMessages(positions);
        if (positions.Count == 0)
            return;

        _membership.Release(positions);
        using var list = PartitionList.Of(positions);
        Check("seeking", NativeError.Take(Librdkafka.rd_kafka_seek_partitions(Client.Pointer, list.Pointer, (int)SeekTimeout.TotalMilliseconds)));
        var standing = new List<PartitionPosition>();
        for (var i = 0; i < positions.Count; i++)
        {
            var code = list.Elements[i].Error;
            if (code == ErrorCode.Local_State)
                standing.Add(positions[i]);
            else
                Check($"seeking {positions[i]}", NativeError.Of(code));
        }

        // Where the client has not begun to read yet, or has stopped because the offset was gone, there is nothing to seek.
        if (standing.Count > 0)
            _membership.Restart(standing);
    }

    /// <summary>What a poll has handed out is dead. What was gathered and not handed out yet stays, but for partitions that are read from elsewhere.</summary>
    private void DropMessages(IReadOnlyList<PartitionPosition> sought)
    {
        if (_areMessagesDelivered)
            DropMessages();
        else if (_messages.Count > 0)
            _messages.Drop(_messages.Count, key => sought.Any(position => position.TopicPartition == new TopicPartition(_batch.NameOf(key.Topic), key.Partition)));
    }

    /// <summary>
    /// A resume alone is noticed by the client's fetcher only at its next look, most of a second later; a seek is at once. So
    /// partitions that are resumed are sought where they stand.
    /// </summary>
    private void Wake(IReadOnlyList<TopicPartition> partitions)
    {
        if (!_areMessagesDelivered && _messages.Count > 0)
            return;

        using var standing = PartitionList.Of(partitions);
        if (Librdkafka.rd_kafka_position(Client.Pointer, standing.Pointer) != ErrorCode.NoError)
            return;
        var positions = new List<PartitionPosition>();
        foreach (ref readonly var element in standing.Elements)
        {
            if (element.Error == ErrorCode.NoError && element.Offset >= 0)
                positions.Add(new(PartitionList.PartitionOf(element).Topic, element.Partition, element.Offset));
        }

        if (positions.Count == 0)
            return;

        // Where there is nothing to seek yet, the client begins there by itself.
        using var list = PartitionList.Of(positions);
        _ = NativeError.Take(Librdkafka.rd_kafka_seek_partitions(Client.Pointer, list.Pointer, (int)SeekTimeout.TotalMilliseconds));
    }
}
