using System.Buffers;
using System.Text;

namespace CohortPipeline.Evaluator;

/// <summary>
/// Where a partition stands: the last record of each of its transactions in the changelog. On restore it must name the
/// offset and the number of the commit that the group has, or the state is not the positions'.
/// </summary>
/// <remarks>Little-endian: format byte 1, offset, sequence, watermark, until (64 bits each), then per source topic its name (length-prefixed UTF-8), partition count (32 bits) and an instant each (64 bits).</remarks>
internal sealed record PositionRecord(long Offset, long Sequence, PartitionClock.Snapshot Clock)
{
    private const byte Format = 1;

    public void Write(IBufferWriter<byte> destination)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Format);
            writer.Write(Offset);
            writer.Write(Sequence);
            writer.Write(Clock.Watermark);
            writer.Write(Clock.Until);
            writer.Write(Clock.Read.Count);
            foreach (var (topic, read) in Clock.Read)
            {
                writer.Write(topic);
                writer.Write(read.Length);
                foreach (var instant in read)
                    writer.Write(instant);
            }
        }

        destination.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static PositionRecord Read(ReadOnlySpan<byte> value)
    {
        using var reader = new BinaryReader(new MemoryStream(value.ToArray()), Encoding.UTF8);
        var format = reader.ReadByte();
        if (format != Format)
            throw new InvalidDataException($"the changelog's position record has format {format}, this version reads {Format}: it was written by a newer version; start that one");
        var offset = reader.ReadInt64();
        var sequence = reader.ReadInt64();
        var watermark = reader.ReadInt64();
        var until = reader.ReadInt64();
        var topics = new (string Topic, long[] Read)[reader.ReadInt32()];
        for (var i = 0; i < topics.Length; i++)
        {
            var topic = reader.ReadString();
            var read = new long[reader.ReadInt32()];
            for (var partition = 0; partition < read.Length; partition++)
                read[partition] = reader.ReadInt64();
            topics[i] = (topic, read);
        }

        return new(offset, sequence, new(watermark, until, topics));
    }
}
