using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.TestKit.SimulatedKafka.Partitions;

/// <summary>
/// One partition as the broker has it: records of decided and undecided transactions in the order in which they came, and an
/// offset for each marker.
/// </summary>
internal sealed class SimulatedPartition(TopicPartition place)
{
    private readonly List<(Transaction Transaction, long First)> _open = [];
    private List<StoredRecord> _records = [];

    public TopicPartition Place { get; } = place;

    /// <summary>The offset after the last record or marker.</summary>
    public long End { get; private set; }

    /// <summary>The last stable offset: every transaction that wrote before it has its marker here.</summary>
    public long StableEnd => _open.Count == 0 ? End : _open[0].First;

    public IReadOnlyList<StoredRecord> Records => _records;

    public void Append(SimulatedRecord record, Transaction? transaction)
    {
        if (transaction is not null && !_open.Exists(open => open.Transaction == transaction))
            _open.Add((transaction, End));
        Append(End, record, transaction);
    }

    /// <summary>Puts a record at an offset of its own, outside of any transaction.</summary>
    public void Append(long offset, SimulatedRecord record, Transaction? transaction = null)
    {
        if (offset < End)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{Place} ends at {End}");
        _records.Add(new(offset, record, transaction));
        End = offset + 1;
    }

    /// <summary>Writes the transaction's marker.</summary>
    public void Mark(Transaction transaction)
    {
        _open.RemoveAll(open => open.Transaction == transaction);
        End++;
    }

    /// <summary>The place in <see cref="Records"/> of the first record that a reader at the offset sees, or of the stable end.</summary>
    public int FirstVisible(long offset)
    {
        var index = IndexOf(offset);
        while (index < _records.Count && _records[index].Offset < StableEnd && _records[index].Transaction is { IsCommitted: false })
            index++;
        return index;
    }

    public IEnumerable<SimulatedRecord> RecordsOf(Transaction transaction)
    {
        var first = _open.Find(open => open.Transaction == transaction).First;
        for (var index = IndexOf(first); index < _records.Count; index++)
        {
            if (_records[index].Transaction == transaction)
                yield return _records[index].Record;
        }
    }

    /// <summary>Drops what was aborted, and all but the newest committed record of each key; what is undecided stays.</summary>
    public void Compact()
    {
        var newest = new Dictionary<string, long>();
        foreach (var stored in _records)
        {
            if (stored.Offset < StableEnd && stored.Transaction is not { IsCommitted: false } && stored.Record.Key is { } key)
                newest[Convert.ToHexString(key)] = stored.Offset;
        }

        _records = _records.FindAll(stored => stored.Offset >= StableEnd || (stored.Record.Key is { } key && newest.GetValueOrDefault(Convert.ToHexString(key), -1) == stored.Offset));
    }

    private int IndexOf(long offset)
    {
        var (low, high) = (0, _records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_records[middle].Offset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
