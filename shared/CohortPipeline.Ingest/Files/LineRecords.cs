using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>What one line of a file holds: one record, the entries of a batch, or something that is wrong. Keeps the time that goes on from record to record.</summary>
internal sealed class LineRecords(long untimed) : IDisposable
{
    private readonly Normalizer _normalizer = new();
    private readonly FileLine _line = new();
    private readonly Queue<(string? Problem, int Start, int Length, byte[] Key, long? Time)> _waiting = [];
    private ReadOnlyMemory<byte> _value;
    private long _time = untimed;

    /// <summary>Looks at the record of a line and what ingest would make of it.</summary>
    public void Accept(long lineNumber, ReadOnlyMemory<byte> value)
    {
        _line.Number = lineNumber;
        _value = value;
        var records = _normalizer.Normalize(new() { Topic = "file"u8, Value = value.Span, Timestamp = 0 }, wallClock: 0);
        for (var index = 0; index < records.Count; index++)
        {
            var record = records[index];
            if (record.IsDeadLetter)
                _waiting.Enqueue((Describe(record), 0, 0, [], null));
            else
                _waiting.Enqueue((null, record.IsEntry ? record.SourceStart : 0, record.IsEntry ? record.SourceLength : value.Length, records.Key(index).ToArray(), record.Time));
        }
    }

    public void Reject(long lineNumber, string problem)
    {
        _line.Number = lineNumber;
        _waiting.Enqueue((problem, 0, 0, [], null));
    }

    public bool TryTake(out FileLine line)
    {
        line = _line;
        if (!_waiting.TryDequeue(out var next))
            return false;
        if (next.Time is { } time)
            _time = Math.Max(0, time);
        line.Problem = next.Problem;
        line.Value = next.Problem is null ? _value.Slice(next.Start, next.Length) : default;
        line.Key = next.Key;
        line.Timestamp = _time;
        return true;
    }

    public void Dispose() => _normalizer.Dispose();

    private static string Describe(in NormalizedRecord record)
    {
        var text = new StringBuilder(DeadLetterReasons.Name(record.Reason));
        if (record.IsEntry)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" (entry {record.Entry} of a batch)");
        return text.Append(": ").Append(record.Detail).ToString();
    }
}
