using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>
/// Records of random members, and each with a few bytes of it changed, are the same to the reader that scans first as to the
/// one that leaves all to the platform's: value or refusal. <c>SEED=n CASES=1</c> repeats what failed.
/// </summary>
public class ActivityScannerTests
{
    private const int CaseCount = 4_000;
    private const int MutationsPerRecord = 40;

    private readonly ActivityReader _reader = new();
    private readonly ActivityReader _general = new();

    [Fact]
    public void What_the_scanner_takes_is_what_the_JSON_reader_takes()
    {
        var (scanned, refused, tried) = (0, 0, 0);
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new Random(seed);
            var record = RandomActivityRecords.Next(random);
            for (var i = 0; i <= MutationsPerRecord; i++)
            {
                var bytes = i == 0 ? record : RandomActivityRecords.Mutate(record, random);
                var expected = Read(bytes, scans: false);
                var found = Read(bytes, scans: true);
                Assert.True(expected == found, $"SEED={seed} CASES=1 repeats it.\n{Encoding.UTF8.GetString(bytes)}\nexpected {expected}\nfound    {found}");
                var scratch = default(ActivityRecord);
                tried++;
                scanned += ActivityScanner.TryScan(bytes, ref scratch) ? 1 : 0;
                refused += expected.StartsWith("refused", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        // The mutations must reach both: records that are still scanned, and such as nobody reads.
        Assert.InRange(scanned, tried / 10, tried);
        Assert.InRange(refused, tried / 10, tried);
    }

    [Fact]
    public void Events_and_identify_calls_as_our_writer_leaves_them_are_scanned()
    {
        var scanned = WireSamples.All
            .Where(sample => sample.Topic == "activity" && !sample.Expected.Contains('\\'))
            .Where(sample => sample.Expected.StartsWith("""{"type":"event""", StringComparison.Ordinal) || sample.Expected.StartsWith("""{"type":"identify""", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(scanned);
        var record = default(ActivityRecord);
        foreach (var (_, name, _, expected) in scanned)
            Assert.True(ActivityScanner.TryScan(Encoding.UTF8.GetBytes(expected), ref record), name);
    }

    /// <summary>All that a record says, as text.</summary>
    private string Read(byte[] bytes, bool scans)
    {
        var isRead = scans ? _reader.TryRead(bytes, out var record, out var error) : _general.TryReadAny(bytes, out record, out error);
        if (!isRead)
            return $"refused: {error}";
        var source = record.Source;
        return string.Create(CultureInfo.InvariantCulture, $"{record.Type} {Text(record.Event)} {record.Timestamp} {Text(record.UserId)} {Text(record.DeviceId)} {record.Time} {Text(record.InsertId)} {Text(source.Topic)}/{source.Partition}/{source.Offset}/{source.Entry} {record.Moved} {Text(record.Via)} {Text(record.UserProperties)} {Text(record.Properties)} {Text(record.Context)} {Text(record.Topic)} {record.PartitionCount} {Text(record.Read)} {record.Until} {Text(record.Change)} {record.Part} {record.Parts} {Text(record.CohortId)} {record.Version} {Text(record.Definition)} {Text(record.From)} {record.FirstSeenAt} {Text(record.State)}");
    }

    /// <summary>As hexadecimals: bytes that are no UTF-8 are compared, too.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) => $"'{Convert.ToHexString(bytes)}'";
}
