using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;

namespace CohortPipeline.TestKit.SimulatedKafka.Clients;

/// <summary>Where a reader stands in a partition.</summary>
internal sealed class Cursor(SimulatedPartition partition)
{
    public SimulatedPartition Partition { get; } = partition;

    /// <summary>The next offset to read.</summary>
    public long Next { get; set; }

    /// <summary>Nobody has said yet where to begin.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The end that was signalled; null: none since the last seek or record.</summary>
    public long? ToldEnd { get; set; }

    /// <summary>Adds what is committed and unread, and a signal where that is all; answers how many records it added.</summary>
    public int Read(LentRecords batch, int max)
    {
        if (Next > Partition.End)
        {
            if (ToldEnd is null)
                batch.Add(PartitionSignalKind.OffsetGone, Partition.Place, Next);
            ToldEnd = Partition.End;
            return 0;
        }

        var end = Partition.StableEnd;
        var records = Partition.Records;
        var added = 0;
        var index = Partition.FirstVisible(Next);
        while (added < max && index < records.Count && records[index].Offset < end)
        {
            batch.Add(Partition.Place, records[index].Offset, records[index].Record);
            Next = records[index].Offset + 1;
            added++;
            index = Partition.FirstVisible(Next);
        }

        if ((index < records.Count && records[index].Offset < end) || (added == 0 && ToldEnd == end))
            return added;
        Next = Math.Max(Next, end);
        ToldEnd = end;
        batch.Add(PartitionSignalKind.EndOfPartition, Partition.Place, end);
        return added;
    }
}
