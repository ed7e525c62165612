using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>A producer's record as the shapes see it, borrowed.</summary>
public readonly ref struct SourceRecord
{
    /// <summary>Name of the topic in UTF-8.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    public int Partition { get; init; }

    public long Offset { get; init; }

    /// <summary>The record's timestamp, epoch milliseconds; negative if it has none.</summary>
    public long Timestamp { get; init; }

    /// <summary>Empty also where the record has no value at all.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    public SourceHeaders Headers { get; init; }
}

/// <summary>Looks up headers of one record of a batch; the default has none.</summary>
public readonly struct SourceHeaders(RecordBatch batch, int index)
{
    private readonly RecordBatch? _batch = batch.HeaderCountOf(index) > 0 ? batch : null;

    public bool Any => _batch is not null;

    /// <summary>The last header of that name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        return _batch is not null && _batch.TryGetHeader(index, name, out value);
    }
}
