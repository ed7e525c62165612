namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What a destination may hold: within its byte budget, and not too far ahead of the oldest unaccepted record.</summary>
internal sealed class DeliveryRoom(SinkOptions options, DeliveryQueue queue, RecordComposer composer, DeliveryCounts counts)
{
    /// <summary>What a composed record may have beyond twice its source: members that are always there, and what is kept beside it.</summary>
    private const int ReserveBytes = 4_096;

    /// <summary>What is held in memory for the destination.</summary>
    public long HeldBytes => queue.HeldBytes + composer.HeldBytes + counts.PendingDeadLetterBytes;

    /// <summary>Nothing is on its way that would make room.</summary>
    private bool IsIdle => queue.HeldRecords == 0;

    /// <summary>Whether a record at an offset may be taken.</summary>
    public bool Admits(PartitionProgress progress, long offset, int valueBytes) =>
        IsWithin(progress, offset, options.SpanMax) && HasRoom(progress, BytesFor(valueBytes));

    /// <summary>Whether a row may be taken that has no offset. Rows take half of the budget alone, below which paused partitions go on; a start is not to hold up what is live.</summary>
    public bool AdmitsRow(int valueBytes)
    {
        var bytes = BytesFor(valueBytes);
        return HasRoom(bytes) && (IsIdle || HeldBytes + bytes <= options.BudgetBytes / 2);
    }

    /// <summary>Whether there is room for a good deal.</summary>
    public bool IsAmple(PartitionProgress progress) =>
        IsWithin(progress, progress.Position, options.SpanMax / 2) && HasRoom(progress, options.BudgetBytes / 2);

    /// <summary>What a value of so many bytes may become in memory.</summary>
    private static long BytesFor(int valueBytes) => (2L * valueBytes) + ReserveBytes;

    private bool HasRoom(long bytes) => HeldBytes == 0 || HeldBytes + bytes <= options.BudgetBytes;

    /// <summary>What waits for a record to come cannot be the reason not to take it.</summary>
    private bool IsWithin(PartitionProgress progress, long offset, int span) =>
        progress.Takes(offset) && (progress.IsWithin(offset, span) || composer.IsWaitingFor(progress));

    private bool HasRoom(PartitionProgress progress, long bytes) => HasRoom(bytes) || (composer.IsWaitingFor(progress) && IsIdle);
}
