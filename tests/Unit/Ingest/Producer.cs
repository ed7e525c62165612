using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>Puts producers' records through the shapes and shows what became of them.</summary>
internal static class Producer
{
    public const long Timestamp = 1_700_000_000_000;

    public const long WallClock = 1_700_000_005_000;

    private const string Origin = ",\"src\":[\"events\",3,42,";

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>
    /// Each record of <c>activity</c> as its key and its value, but for the <c>l</c> and <c>src</c> that all of these tests share; each
    /// dead letter as <c>!reason</c>.
    /// </summary>
    public static string[] Outcome(byte[] value, params (string Name, string Value)[] headers)
    {
        using var normalizer = new Normalizer();
        var records = normalizer.Normalize(Record(value, headers), WallClock);
        return [.. Enumerable.Range(0, records.Count).Select(index => Show(records, index))];
    }

    public static string[] Outcome(string value, params (string Name, string Value)[] headers) => Outcome(Utf8(value), headers);

    public static SourceRecord Record(byte[] value, params (string Name, string Value)[] headers) => new()
    {
        Topic = "events"u8,
        Partition = 3,
        Offset = 42,
        Timestamp = Timestamp,
        Value = value,
        Headers = headers.Length == 0 ? default : new(new HeadersOnly(headers), 0),
    };

    private static string Show(NormalizedRecords records, int index)
    {
        var record = records[index];
        if (record.IsDeadLetter)
            return "!" + DeadLetterReasons.Name(record.Reason) + (record.IsEntry ? " " + Encoding.UTF8.GetString(records.Value(index)) : "");
        var value = Encoding.UTF8.GetString(records.Value(index));
        return Encoding.UTF8.GetString(records.Key(index)) + " "
            + value.Replace($",\"l\":{Timestamp}", "", StringComparison.Ordinal).Replace($"{Origin}{record.Entry}]", "", StringComparison.Ordinal);
    }

    private sealed class HeadersOnly((string Name, string Value)[] headers) : RecordBatch
    {
        public override ReadOnlySpan<LogRecord> Records => default;

        public override ReadOnlySpan<PartitionSignal> Signals => default;

        public override long TimestampOf(int index) => Timestamp;

        public override int HeaderCountOf(int index) => headers.Length;

        public override LogHeader HeaderOf(int index, int header) => new(Utf8(headers[header].Name), Utf8(headers[header].Value));
    }
}
