using System.Buffers;
using System.Text;
using CohortPipeline.Log.Kafka.Native;

namespace CohortPipeline.Log.Kafka.Writing;

/// <summary>Produces one record with headers or a timestamp of its own: the batch call can carry neither.</summary>
internal static unsafe class HeaderRecord
{
    /// <summary>Records with headers carry trace context or a dead letter's reasons: a handful, for which the stack has room.</summary>
    private const int StackHeadersMax = 64;

    private const int ArgumentsBesideHeaders = 6;

    /// <summary>librdkafka has copied everything when this returns.</summary>
    public static NativeError Produce(ClientHandle client, nint topic, int partition, Bytes key, Bytes value, RecordHeaders headers)
    {
        if (headers.Count <= StackHeadersMax)
        {
            var few = stackalloc NativeProduceArgument[ArgumentsBesideHeaders + headers.Count];
            return Produce(client, topic, partition, key, value, headers, few);
        }

        // A producer may have put any number on a record that becomes a dead letter.
        fixed (NativeProduceArgument* many = new NativeProduceArgument[ArgumentsBesideHeaders + headers.Count])
            return Produce(client, topic, partition, key, value, headers, many);
    }

    private static NativeError Produce(ClientHandle client, nint topic, int partition, Bytes key, Bytes value, RecordHeaders headers, NativeProduceArgument* arguments)
    {
        var memory = ArrayPool<byte>.Shared.Rent(BytesOf(headers));
        fixed (byte* keyStart = key.Span, valueStart = value.Span, names = memory)
        {
            // An empty span has no address, and no address means no value: anything that is not null stands for it.
            arguments[0] = new() { Type = ProduceArgumentType.Topic, Handle = topic };
            arguments[1] = new() { Type = ProduceArgumentType.Partition, Integer = partition };
            arguments[2] = new() { Type = ProduceArgumentType.Flags, Integer = ProduceFlags.Copy };
            arguments[3] = Part(ProduceArgumentType.Key, key, keyStart, names);
            arguments[4] = Part(ProduceArgumentType.Value, value, valueStart, names);
            // Zero is the time of writing; the first millisecond of 1970 itself is not to be had.
            arguments[5] = new() { Type = ProduceArgumentType.Timestamp, Instant = headers.Timestamp is { } own ? Math.Max(1, own) : 0 };
            Write(headers, arguments + ArgumentsBesideHeaders, names, memory.Length);
            var error = NativeError.Take(Librdkafka.rd_kafka_produceva(client.Pointer, arguments, (nuint)(ArgumentsBesideHeaders + headers.Count)));
            ArrayPool<byte>.Shared.Return(memory);
            return error;
        }
    }

    public static int BytesOf(RecordHeaders headers)
    {
        var bytes = 1;
        for (var i = 0; i < headers.Count; i++)
            bytes += Encoding.UTF8.GetByteCount(headers[i].Name) + 1 + (headers[i].Value?.Length ?? 0);
        return bytes;
    }

    private static NativeProduceArgument Part(ProduceArgumentType type, Bytes bytes, byte* start, byte* somewhere) => new()
    {
        Type = type,
        Pointer = bytes.IsNull ? null : bytes.Span.IsEmpty ? somewhere : start,
        Length = (nuint)bytes.Span.Length,
    };

    /// <summary>Names end in a zero byte; values lie behind their names.</summary>
    private static void Write(RecordHeaders headers, NativeProduceArgument* arguments, byte* memory, int length)
    {
        var free = new Span<byte>(memory, length);
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            var nameLength = Encoding.UTF8.GetBytes(name, free);
            free[nameLength] = 0;
            var valueStart = memory + nameLength + 1;
            value?.CopyTo(free[(nameLength + 1)..]);
            arguments[i] = new()
            {
                Type = ProduceArgumentType.Header,
                Pointer = memory,
                HeaderValue = value is null ? null : valueStart,
                HeaderValueLength = value?.Length ?? 0,
            };
            var used = nameLength + 1 + (value?.Length ?? 0);
            memory += used;
            free = free[used..];
        }
    }
}
