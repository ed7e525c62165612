using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Integration.Compliance;

/// <summary>A record taken out of borrowed memory; text, because tests write text.</summary>
public sealed record SeenRecord(
    string Topic, int Partition, long Offset, string? Key, string? Value, long Timestamp, IReadOnlyList<(string Name, string? Value)> Headers)
{
    public static SeenRecord CopyOf(RecordBatch batch, int index)
    {
        ref readonly var record = ref batch.Records[index];
        var headers = new List<(string, string?)>();
        for (var header = 0; header < batch.HeaderCountOf(index); header++)
        {
            var found = batch.HeaderOf(index, header);
            headers.Add((Encoding.UTF8.GetString(found.Name), found.HasValue ? Encoding.UTF8.GetString(found.Value) : null));
        }

        return new(
            record.Topic,
            record.Partition,
            record.Offset,
            record.HasKey ? Encoding.UTF8.GetString(record.Key) : null,
            record.IsTombstone ? null : Encoding.UTF8.GetString(record.Value),
            batch.TimestampOf(index),
            headers);
    }
}

/// <summary>What one poll brought, in memory of its own.</summary>
public sealed record Polled(IReadOnlyList<SeenRecord> Records, IReadOnlyList<PartitionSignal> Signals)
{
    public static Polled CopyOf(RecordBatch batch) =>
        new([.. Enumerable.Range(0, batch.Records.Length).Select(index => SeenRecord.CopyOf(batch, index))], batch.Signals.ToArray());
}
