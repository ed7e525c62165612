using System.Runtime.InteropServices;
using CohortPipeline.Log.Kafka.Native;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>
/// The messages of one poll, borrowed from librdkafka and given back here. One that is not given back makes closing the
/// client hang for ever.
/// </summary>
internal sealed unsafe class MessageBuffer : IDisposable
{
    private NativeMessage** _messages;
    private int _capacity;

    public int Count { get; private set; }

    public NativeMessage* this[int index] => _messages[index];

    /// <summary>Takes what is there, waiting at most <paramref name="timeout"/>, until <paramref name="total"/> messages are held.</summary>
    public void Take(nint queue, int total, TimeSpan timeout)
    {
        if (total <= Count)
            return;

        Reserve(total);
        var taken = Librdkafka.rd_kafka_consume_batch_queue(queue, (int)timeout.TotalMilliseconds, _messages + Count, (nuint)(total - Count));
        if (taken > 0)
            Count += (int)taken;
    }

    public void Clear()
    {
        for (var i = 0; i < Count; i++)
            Librdkafka.rd_kafka_message_destroy(_messages[i]);
        Count = 0;
    }

    /// <summary>Gives back the first <paramref name="count"/> messages' worth of those that <paramref name="isStale"/> names, keeping the others in order.</summary>
    public void Drop(int count, Func<NativeMessageKey, bool> isStale)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            var message = _messages[i];
            if (i < count && message->Topic != 0 && isStale(new(message->Topic, message->Partition)))
                Librdkafka.rd_kafka_message_destroy(message);
            else
                _messages[kept++] = message;
        }

        Count = kept;
    }

    public void Dispose()
    {
        Clear();
        NativeMemory.Free(_messages);
        _messages = null;
        _capacity = 0;
    }

    private void Reserve(int capacity)
    {
        if (capacity <= _capacity)
            return;

        _messages = (NativeMessage**)NativeMemory.Realloc(_messages, (nuint)capacity * (nuint)sizeof(NativeMessage*));
        _capacity = capacity;
    }
}

/// <summary>Where a message came from, in librdkafka's own words.</summary>
internal readonly record struct NativeMessageKey(nint Topic, int Partition);
