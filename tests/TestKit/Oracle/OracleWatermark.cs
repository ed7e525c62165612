using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Up to when ingest has read all source partitions, less the grace; null where one of them never reported.</summary>
internal sealed class OracleWatermark(OracleOptions options)
{
    private readonly Dictionary<string, Dictionary<int, long>> _read = [];
    private readonly Dictionary<string, int> _partitions = [];

    public long? Report(JsonElement watermark)
    {
        var topic = watermark.GetProperty("topic").GetString()!;
        _partitions[topic] = watermark.GetProperty("partitions").GetInt32();
        if (!_read.TryGetValue(topic, out var read))
            _read[topic] = read = [];
        foreach (var report in watermark.GetProperty("read").EnumerateObject())
        {
            var partition = int.Parse(report.Name, CultureInfo.InvariantCulture);
            read[partition] = Math.Max(report.Value.GetInt64(), read.GetValueOrDefault(partition, long.MinValue));
        }

        return Value();
    }

    private long? Value()
    {
        var least = long.MaxValue;
        foreach (var topic in options.SourceTopics)
        {
            if (!_partitions.TryGetValue(topic, out var count))
                return null;
            for (var partition = 0; partition < count; partition++)
            {
                if (!_read[topic].TryGetValue(partition, out var time))
                    return null;
                least = Math.Min(least, time);
            }
        }

        return least - options.Grace;
    }
}
