using System.Diagnostics;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>
/// What librdkafka and the broker take by themselves: the lane's native calls, clients and intervals in a loop that writes
/// each record again and does nothing else. It trusts every answer, and stops at one that it does not expect.
/// </summary>
internal sealed unsafe class BareCopy : IDisposable
{
    private const int TimeoutMilliseconds = 30_000;
    private const int PauseMilliseconds = 1;

    private readonly LaneRun _run;
    private readonly string _from;
    private readonly long[] _next;
    private readonly LaneOptions _options;
    private readonly ClientHandle _reader;
    private readonly ClientHandle _writer;
    private readonly nint _queue;
    private readonly nint _topic;

    public BareCopy(KafkaLog log, LaneRun run, LaneOptions options, string to, int partitions)
    {
        _run = run;
        _options = options;
        _from = options.Topics[0];
        _next = new long[partitions];
        _reader = ClientHandle.Open(ClientKind.Consumer, ClientProperties.OfReader(log.Settings, new(options.Group)), NullLogger.Instance);
        _writer = ClientHandle.Open(ClientKind.Producer, ClientProperties.OfWriter(log.Settings, options.TransactionalId, ILog.BatchBytesOurTopicsTake), NullLogger.Instance);
        Librdkafka.rd_kafka_poll_set_consumer(_reader.Pointer);
        _queue = Librdkafka.rd_kafka_queue_get_consumer(_reader.Pointer);
        _topic = Librdkafka.rd_kafka_topic_new(_writer.Pointer, to, conf: 0);
        _ = CohortPipeline.Log.Kafka.Admin.TopicMetadata.PartitionCount(_writer, log.Settings, to, TimeSpan.FromMilliseconds(TimeoutMilliseconds));
        Check(Librdkafka.rd_kafka_init_transactions(_writer.Pointer, TimeoutMilliseconds));
        using var positions = Positions();
        if (Librdkafka.rd_kafka_assign(_reader.Pointer, positions.Pointer) is var code and not ErrorCode.NoError)
            throw new InvalidOperationException($"assigning: {code}");
    }

    /// <summary>Copies on this thread until everything is committed.</summary>
    public IReadOnlyList<Measurement> Measure()
    {
        var marks = new List<(long Records, Meter Meter)>();
        var read = new NativeMessage*[_options.BatchRecordsMax];
        var written = new NativeMessage[_options.BatchRecordsMax];
        fixed (NativeMessage** messages = read)
        fixed (NativeMessage* copies = written)
        {
            var copied = 0L;
            while (marks.Count <= _run.Rounds)
            {
                Check(Librdkafka.rd_kafka_begin_transaction(_writer.Pointer));
                var began = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(began) < _options.CommitInterval && copied < _run.Total)
                    copied += CopyBatch(messages, copies);
                Commit();
                if (copied >= _run.WarmUp + (marks.Count * _run.PerRound))
                    marks.Add((copied, Meter.Read()));
            }
        }

        return [.. marks.Zip(marks.Skip(1), (from, to) => from.Meter.Until(to.Meter, to.Records - from.Records))];
    }

    public void Dispose()
    {
        Librdkafka.rd_kafka_consumer_close(_reader.Pointer);
        Librdkafka.rd_kafka_queue_destroy(_queue);
        Librdkafka.rd_kafka_topic_destroy(_topic);
        _reader.Dispose();
        _writer.Dispose();
    }

    private int CopyBatch(NativeMessage** messages, NativeMessage* copies)
    {
        var count = (int)Librdkafka.rd_kafka_consume_batch_queue(_queue, 0, messages, (nuint)_options.BatchRecordsMax);
        if (count == 0)
            count = (int)Librdkafka.rd_kafka_consume_batch_queue(_queue, PauseMilliseconds, messages, 1);
        var records = 0;
        for (var i = 0; i < count; i++)
        {
            var message = messages[i];
            if (message->Error != ErrorCode.NoError)
                continue;
            _next[message->Partition] = message->Offset + 1;
            copies[records++] = new() { Partition = message->Partition, Payload = message->Payload, Length = message->Length, Key = message->Key, KeyLength = message->KeyLength };
        }

        Produce(copies, records);
        for (var i = 0; i < count; i++)
            Librdkafka.rd_kafka_message_destroy(messages[i]);
        return records;
    }

    private void Produce(NativeMessage* copies, int count)
    {
        var next = 0;
        while (Librdkafka.rd_kafka_produce_batch(_topic, partition: 0, ProduceFlags.Copy | ProduceFlags.Partition, copies + next, count - next) < count - next)
        {
            while (copies[next].Error == ErrorCode.NoError)
                next++;
            for (var i = next; i < count; i++)
            {
                if (copies[i].Error != ErrorCode.Local_QueueFull)
                    throw new InvalidOperationException($"writing: {copies[i].Error}");
                copies[i].Error = ErrorCode.NoError;
            }

            _writer.Serve(TimeSpan.FromMilliseconds(PauseMilliseconds));
        }
    }

    private void Commit()
    {
        using var positions = Positions();
        var group = Librdkafka.rd_kafka_consumer_group_metadata(_reader.Pointer);
        Check(Librdkafka.rd_kafka_send_offsets_to_transaction(_writer.Pointer, positions.Pointer, group, TimeoutMilliseconds));
        Librdkafka.rd_kafka_consumer_group_metadata_destroy(group);
        Check(Librdkafka.rd_kafka_commit_transaction(_writer.Pointer, TimeoutMilliseconds));
    }

    private PartitionList Positions() => PartitionList.Of(_next.Select((offset, partition) => new PartitionPosition(_from, partition, offset)).ToArray());

    private static void Check(nint answer)
    {
        if (NativeError.Take(answer) is { IsNone: false } error)
            throw new InvalidOperationException($"librdkafka: {error}");
    }
}
