using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Log.Kafka.Native;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>
/// One string a topic for librdkafka's topic handles. Handles are not remembered across polls, as librdkafka may free one
/// and give its address to another topic.
/// </summary>
internal sealed unsafe class TopicNames
{
    private readonly List<(byte[] Utf8, string Name)> _known = [];
    private nint _lastHandle;
    private string _lastName = "";

    public void Forget() => _lastHandle = 0;

    public string Of(nint handle)
    {
        if (handle == _lastHandle)
            return _lastName;

        _lastHandle = handle;
        return _lastName = Find(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Librdkafka.rd_kafka_topic_name(handle)));
    }

    private string Find(ReadOnlySpan<byte> utf8)
    {
        foreach (var (known, name) in _known)
        {
            if (utf8.SequenceEqual(known))
                return name;
        }

        _known.Add((utf8.ToArray(), Encoding.UTF8.GetString(utf8)));
        return _known[^1].Name;
    }
}
