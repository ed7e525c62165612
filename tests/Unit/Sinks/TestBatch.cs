using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Unit.Sinks;

/// <summary>A batch of records made up by a test; their memory is pinned for the test's life.</summary>
internal sealed unsafe class TestBatch : RecordBatch
{
    private readonly List<LogRecord> _records = [];
    private readonly List<(string Name, string Value)[]> _headers = [];

    public override ReadOnlySpan<LogRecord> Records => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_records);

    public override ReadOnlySpan<PartitionSignal> Signals => default;

    public TestBatch Add(string topic, int partition, long offset, string key, byte[]? value, params (string Name, string Value)[] headers)
    {
        var keyBytes = Pinned(Encoding.UTF8.GetBytes(key));
        var valueBytes = value is null ? null : Pinned(value);
        fixed (byte* keyStart = keyBytes, valueStart = valueBytes)
            _records.Add(new(topic, partition, offset, keyStart, key.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(key), valueStart, value?.Length ?? 0));
        _headers.Add(headers);
        _pinned.Add(keyBytes);
        if (valueBytes is not null)
            _pinned.Add(valueBytes);
        return this;
    }

    public override long TimestampOf(int index) => -1;

    public override int HeaderCountOf(int index) => _headers[index].Length;

    public override LogHeader HeaderOf(int index, int header) => new(Encoding.UTF8.GetBytes(_headers[index][header].Name), Encoding.UTF8.GetBytes(_headers[index][header].Value));

    private readonly List<byte[]> _pinned = [];

    /// <summary>Never empty, so that an empty value is told from none.</summary>
    private static byte[] Pinned(byte[] bytes)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(Math.Max(1, bytes.Length), pinned: true);
        bytes.CopyTo(pinned, 0);
        return pinned;
    }
}
