namespace CohortPipeline.Ingest;

/// <summary>
/// One producer's record read from a file, or a line that is none. Borrowed: valid until the next one is read. A line that is
/// a batch comes as several, one for each entry, so that each has its own key and time.
/// </summary>
public sealed class FileLine
{
    /// <summary>Number of the line in the (uncompressed) file, from 1; of a row over several lines the first.</summary>
    public long Number { get; internal set; }

    /// <summary>What is wrong with it; null for a record.</summary>
    public string? Problem { get; internal set; }

    /// <summary>Value of the producer's record, in any shape.</summary>
    public ReadOnlyMemory<byte> Value { get; internal set; }

    /// <summary>Its profile key.</summary>
    public ReadOnlyMemory<byte> Key { get; internal set; }

    /// <summary>Its record timestamp, epoch milliseconds: its own time, or that of the record before it; before the first time in the file, what the file was opened with.</summary>
    public long Timestamp { get; internal set; }
}
