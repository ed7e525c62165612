using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>Writes dead letters from within a lane, as part of its transaction.</summary>
public sealed class DeadLetterOutput(PipelineTopics topics, string service, TimeProvider time)
{
    /// <summary>Writes a record of the batch that is given up as a whole.</summary>
    public void Append(LaneOutput output, RecordBatch batch, int index, DeadLetterReason reason, string detail)
    {
        var record = batch.Records[index];
        Append(output, batch, index, record.Value, record.IsTombstone, reason, detail, entry: null);
    }

    /// <summary>Writes one entry of a record that is a batch itself.</summary>
    public void AppendEntry(LaneOutput output, RecordBatch batch, int index, ReadOnlySpan<byte> value, int entry, DeadLetterReason reason, string detail) =>
        Append(output, batch, index, value, isNull: false, reason, detail, entry);

    private void Append(LaneOutput output, RecordBatch batch, int index, ReadOnlySpan<byte> value, bool isNull, DeadLetterReason reason, string detail, int? entry)
    {
        var record = batch.Records[index];
        var topic = output.Topic(topics.DeadLetters.Name);
        var headers = DeadLetter.Explain(DeadLetter.HeadersOf(batch, index), reason, detail, record, service, time.GetUtcNow(), entry);
        var kept = DeadLetter.Fit(value, reason, headers);
        var key = DeadLetter.KeyOf(record);
        var partition = key.IsNull ? record.Partition % topic.PartitionCount : topic.PartitionOf(key.Span);
        output.Append(topic, partition, key, isNull ? Bytes.Null : kept, headers);
    }
}
