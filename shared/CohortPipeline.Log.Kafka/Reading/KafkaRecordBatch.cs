using System.Runtime.InteropServices;
using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>What one poll brought, as views on librdkafka's messages. The reader's own, used again by each poll.</summary>
internal sealed unsafe class KafkaRecordBatch : RecordBatch
{
    private readonly TopicNames _names = new();
    private readonly List<PartitionSignal> _signals = [];
    private LogRecord[] _records = [];
    private nint[] _messages = [];
    private int _count;

    public override ReadOnlySpan<LogRecord> Records => new(_records, 0, _count);

    public override ReadOnlySpan<PartitionSignal> Signals => CollectionsMarshal.AsSpan(_signals);

    public override long TimestampOf(int index)
    {
        int kind;
        return Librdkafka.rd_kafka_message_timestamp(MessageOf(index), &kind);
    }

    public override int HeaderCountOf(int index)
    {
        nint headers;
        return Librdkafka.rd_kafka_message_headers(MessageOf(index), &headers) == ErrorCode.NoError ? (int)Librdkafka.rd_kafka_header_cnt(headers) : 0;
    }

    public override LogHeader HeaderOf(int index, int header)
    {
        nint headers;
        byte* name;
        byte* value;
        nuint length;
        if (Librdkafka.rd_kafka_message_headers(MessageOf(index), &headers) != ErrorCode.NoError
            || Librdkafka.rd_kafka_header_get_all(headers, (nuint)header, &name, &value, &length) != ErrorCode.NoError)
        {
            throw new ArgumentOutOfRangeException(nameof(header), header, $"the record has {HeaderCountOf(index)} headers");
        }

        return new(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name), new(value, (int)length), hasValue: value != null);
    }

    /// <summary>Makes room for <paramref name="capacity"/> records and forgets the last poll's.</summary>
    public void Clear(int capacity)
    {
        _count = 0;
        _signals.Clear();
        _names.Forget();
        if (_records.Length >= capacity)
            return;

        _records = new LogRecord[capacity];
        _messages = new nint[capacity];
    }

    public void Add(NativeMessage* message)
    {
        _messages[_count] = (nint)message;
        _records[_count++] = new(
            _names.Of(message->Topic), message->Partition, message->Offset, message->Key, (int)message->KeyLength, message->Payload, (int)message->Length);
        if (_signals.Count > 0)
            DropOvertakenEnd(message->Partition);
    }

    public void AddSignal(PartitionSignalKind kind, NativeMessage* message) =>
        _signals.Add(new(kind, _names.Of(message->Topic), message->Partition, message->Offset));

    public string NameOf(nint topic) => topic == 0 ? "" : _names.Of(topic);

    /// <summary>Signals hold after the records of their poll: an end with records behind it was none.</summary>
    private void DropOvertakenEnd(int partition)
    {
        for (var i = _signals.Count - 1; i >= 0; i--)
        {
            var signal = _signals[i];
            if (signal.Kind == PartitionSignalKind.EndOfPartition && signal.Partition == partition && signal.Topic == _records[_count - 1].Topic)
                _signals.RemoveAt(i);
        }
    }

    private NativeMessage* MessageOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        return (NativeMessage*)_messages[index];
    }
}
