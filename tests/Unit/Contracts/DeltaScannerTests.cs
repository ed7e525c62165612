using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>
/// Deltas of random members, and each with a few bytes of it changed, are the same to the reader that scans first as to the
/// one that leaves all to the platform's: value or refusal. <c>SEED=n CASES=1</c> repeats what failed.
/// </summary>
public class DeltaScannerTests
{
    private const int CaseCount = 2_000;
    private const int MutationsPerDelta = 40;
    private const long LatestInstant = 253_402_300_799_999;

    private readonly DeltaReader _reader = new();
    private readonly DeltaReader _general = new();

    [Fact]
    public void What_the_scanner_takes_is_what_the_JSON_reader_takes()
    {
        var (scanned, refused, tried) = (0, 0, 0);
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new Random(seed);
            var delta = Next(random);
            for (var i = 0; i <= MutationsPerDelta; i++)
            {
                var bytes = i == 0 ? delta : RandomActivityRecords.Mutate(delta, random);
                var expected = Read(bytes, scans: false);
                var found = Read(bytes, scans: true);
                Assert.True(expected == found, $"SEED={seed} CASES=1 repeats it.\n{Encoding.UTF8.GetString(bytes)}\nexpected {expected}\nfound    {found}");
                var scratch = default(Delta);
                tried++;
                scanned += DeltaScanner.TryScan(bytes, ref scratch) ? 1 : 0;
                refused += expected.StartsWith("refused", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        // The mutations must reach both: deltas that are still scanned, and such as nobody reads.
        Assert.InRange(scanned, tried / 20, tried);
        Assert.InRange(refused, tried / 10, tried);
    }

    [Fact]
    public void Deltas_as_our_writer_leaves_them_are_scanned()
    {
        var scanned = WireSamples.All.Where(sample => sample.Topic == "membership-deltas" && !sample.Expected.Contains('\\')).ToList();
        Assert.NotEmpty(scanned);
        var delta = default(Delta);
        foreach (var (_, name, _, expected) in scanned)
            Assert.True(DeltaScanner.TryScan(Encoding.UTF8.GetBytes(expected), ref delta), name);
    }

    /// <summary>A delta of random members, as the platform's JSON writer leaves it.</summary>
    private static byte[] Next(Random random)
    {
        var isOdd = random.Next(8) == 0;
        var isExit = random.Next(2) == 0;
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions);
        DeltaWriter.Write(json, new()
        {
            Id = "0123456789012345678901"u8,
            CohortId = RandomActivityRecords.RandomText(random, isOdd),
            CohortName = RandomActivityRecords.RandomText(random, isOdd),
            DefinitionVersion = random.Next(-1, 5),
            UserId = random.Next(4) > 0 ? RandomActivityRecords.RandomText(random, isOdd) : default,
            DeviceId = random.Next(2) > 0 ? RandomActivityRecords.RandomText(random, isOdd) : default,
            AmplitudeId = RandomActivityRecords.RandomNumber(random),
            Change = isExit ? MembershipChange.Exit : MembershipChange.Enter,
            Reason = (DeltaReason)random.Next(7),
            At = random.NextInt64(LatestInstant),
            EnteredAt = random.NextInt64(LatestInstant),
            ExitedAt = isExit ? random.NextInt64(LatestInstant) : null,
            ComputedAt = RandomActivityRecords.RandomNumber(random),
            FirstSeenAt = random.NextInt64(LatestInstant),
            Version = RandomActivityRecords.RandomNumber(random),
            Part = random.Next(1, 4),
            Parts = random.Next(1, 4),
            Properties = random.Next(3) > 0 ? RandomActivityRecords.RandomObject(random, 3, isOdd) : default,
            SourcePartition = random.Next(-1, 9),
            SourceOffset = RandomActivityRecords.RandomNumber(random),
        });
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>All that a delta says, as text.</summary>
    private string Read(byte[] bytes, bool scans)
    {
        var isRead = scans ? _reader.TryRead(bytes, out var delta, out var error) : _general.TryReadAny(bytes, out delta, out error);
        return isRead
            ? string.Create(CultureInfo.InvariantCulture, $"{Text(delta.Id)} {Text(delta.CohortId)} {Text(delta.CohortName)} {delta.DefinitionVersion} {Text(delta.UserId)} {Text(delta.DeviceId)} {delta.AmplitudeId} {delta.Change} {delta.Reason} {delta.At} {delta.EnteredAt} {delta.ExitedAt} {delta.ComputedAt} {delta.FirstSeenAt} {delta.Version} {delta.Part} {delta.Parts} {Text(delta.Properties)} {delta.SourcePartition} {delta.SourceOffset}")
            : $"refused: {error}";
    }

    /// <summary>As hexadecimals: bytes that are no UTF-8 are compared, too.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) => $"'{Convert.ToHexString(bytes)}'";
}
