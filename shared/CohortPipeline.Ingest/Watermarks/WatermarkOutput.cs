using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>Writes a watermark into every partition of <c>activity</c>, behind all that was read up to it.</summary>
internal sealed class WatermarkOutput(PipelineTopics topics)
{
    private readonly ArrayBufferWriter<byte> _value = new();

    public void Append(LaneOutput output, SourceWatermark watermark)
    {
        Encode(watermark);
        var activity = output.Topic(topics.Activity.Name);
        for (var partition = 0; partition < activity.PartitionCount; partition++)
            output.Append(activity, partition, Bytes.Null, _value.WrittenSpan);
        foreach (var partition in watermark.Read.Keys)
            output.Touch(new(watermark.Topic, partition));
        IngestMetrics.Watermark(watermark.Topic);
    }

    private void Encode(SourceWatermark watermark)
    {
        var read = new ArrayBufferWriter<byte>();
        using (var members = new Utf8JsonWriter(read, JsonText.WriterOptions))
        {
            members.WriteStartObject();
            foreach (var (partition, instant) in watermark.Read)
                members.WriteNumber(partition.ToString(CultureInfo.InvariantCulture), instant);
            members.WriteEndObject();
        }

        _value.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_value, JsonText.WriterOptions);
        ActivityWriter.Write(writer, new()
        {
            Type = ActivityType.Watermark,
            Topic = Encoding.UTF8.GetBytes(watermark.Topic),
            PartitionCount = watermark.PartitionCount,
            Read = read.WrittenSpan,
        });
    }
}
