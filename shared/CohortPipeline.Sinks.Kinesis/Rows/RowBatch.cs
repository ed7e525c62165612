using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>One record made up from a row of <c>memberships</c>, so that composers take it as they take deltas. It says where the row stands; its memory is used again for the next.</summary>
internal sealed unsafe class RowBatch : RecordBatch
{
    private const int FirstBytes = 4_096;

    private readonly LogRecord[] _records = new LogRecord[1];
    private byte[] _memory = GC.AllocateUninitializedArray<byte>(FirstBytes, pinned: true);

    public override ReadOnlySpan<LogRecord> Records => _records;

    public override ReadOnlySpan<PartitionSignal> Signals => default;

    public override long TimestampOf(int index) => -1;

    public override int HeaderCountOf(int index) => 0;

    public override LogHeader HeaderOf(int index, int header) => throw new ArgumentOutOfRangeException(nameof(header), header, "a row has no headers");

    /// <param name="row">Where the row lies.</param>
    /// <param name="profileKey">Whose it is.</param>
    /// <param name="delta">What it is sent as.</param>
    public void Fill(in PartitionPosition row, ReadOnlySpan<byte> profileKey, ReadOnlySpan<byte> delta)
    {
        if (_memory.Length < profileKey.Length + delta.Length)
            _memory = GC.AllocateUninitializedArray<byte>(2 * (profileKey.Length + delta.Length), pinned: true);
        profileKey.CopyTo(_memory);
        delta.CopyTo(_memory.AsSpan(profileKey.Length));
        fixed (byte* memory = _memory)
            _records[0] = new(row.Topic, row.Partition, row.Offset, memory, profileKey.Length, memory + profileKey.Length, delta.Length);
    }
}
