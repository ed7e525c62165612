using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Evaluator;

/// <summary>
/// Where a partition stands: the last record of each of its transactions in the changelog. On restore it must name the
/// offset and the number of the commit that the group has, or the state is not the positions'.
/// </summary>
/// <param name="Offset">The next offset of <c>activity</c> to read.</param>
/// <param name="Sequence">Number of the commit.</param>
/// <remarks>Format byte 1, then offset, sequence, the plan's counters, watermark and until (64 bits), then per source topic its name, partition count and an instant each.</remarks>
internal sealed record PositionRecord(long Offset, long Sequence, int PlanGeneration, int NextCohortSlot, int NextBehaviorSlot, PartitionClock.Snapshot Clock)
{
    private const byte Format = 1;

    public void Write(ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Format);
        writer.Varint((ulong)Offset);
        writer.Varint((ulong)Sequence);
        writer.Varint((ulong)PlanGeneration);
        writer.Varint((ulong)NextCohortSlot);
        writer.Varint((ulong)NextBehaviorSlot);
        writer.Int64(Clock.Watermark);
        writer.Int64(Clock.Until);
        writer.Varint((ulong)Clock.Read.Count);
        foreach (var (topic, read) in Clock.Read)
        {
            writer.Bytes(Encoding.UTF8.GetBytes(topic));
            writer.Varint((ulong)read.Length);
            foreach (var instant in read)
                writer.Int64(instant);
        }
    }

    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static PositionRecord Read(ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        var format = reader.Byte();
        if (format != Format)
            throw new InvalidDataException($"the changelog's position record has format {format}, this version reads {Format}: it was written by a newer version; start that one");
        var offset = (long)reader.Varint();
        var sequence = (long)reader.Varint();
        var (generation, nextCohortSlot, nextBehaviorSlot) = (reader.Count(), reader.Count(), reader.Count());
        var (watermark, until) = (reader.Int64(), reader.Int64());
        var topics = new (string Topic, long[] Read)[reader.Count()];
        for (var i = 0; i < topics.Length; i++)
        {
            var topic = Encoding.UTF8.GetString(reader.Bytes());
            var read = new long[reader.Count()];
            for (var partition = 0; partition < read.Length; partition++)
                read[partition] = reader.Int64();
            topics[i] = (topic, read);
        }

        return new(offset, sequence, generation, nextCohortSlot, nextBehaviorSlot, new(watermark, until, topics));
    }
}
