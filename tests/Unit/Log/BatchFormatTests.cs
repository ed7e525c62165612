using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded.Batches;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log;

/// <summary>The bytes of a batch are on people's disks: they change only together with the version in the first four.</summary>
public sealed unsafe class BatchFormatTests
{
    private const long Offset = 0x0102030405;
    private const long Timestamp = 1_764_028_800_000;

    [Fact]
    public void Lays_a_batch_out_as_it_always_has()
    {
        var batch = Build();

        Assert.Equal(
            [
                // Magic and version, length, base offset, timestamp, records, offsets covered, hash.
                "43 4C 42 31", "80 00 00 00", "05 04 03 02 01 00 00 00", "00 5C 4F B8 9A 01 00 00", "03 00 00 00", "03 00 00 00", "83 9F 16 C3 CD 69 D2 F9",
                // Offset 0: a key and a value.
                "00 00 00 00", "01 00 00 00", "02 00 00 00", "00 00 00 00", "6B", "76 31",
                // Offset 1: no key, an empty value, two headers, the second without a value.
                "01 00 00 00", "FF FF FF FF", "00 00 00 00", "18 00 00 00", "02 00 00 00", "01 00 00 00 02 00 00 00 68 78 79", "01 00 00 00 FF FF FF FF 6E",
                // Offset 2: a tombstone with a timestamp of its own.
                "02 00 00 00", "01 00 00 00", "FF FF FF FF", "0C 00 00 00", "6B", "00 00 00 80", "07 00 00 00 00 00 00 00",
            ],
            Split(batch, 4, 4, 8, 8, 4, 4, 8, 4, 4, 4, 4, 1, 2, 4, 4, 4, 4, 4, 11, 9, 4, 4, 4, 4, 1, 4, 8));
    }

    [Fact]
    public void Sees_every_changed_byte()
    {
        var bytes = Build();
        fixed (byte* start = bytes)
        {
            Assert.True(BatchFormat.IsIntact(start, bytes.Length, Offset));
            Assert.False(BatchFormat.IsIntact(start, bytes.Length - 1, Offset));
            Assert.False(BatchFormat.IsIntact(start, bytes.Length, Offset + 1));
            for (var index = sizeof(BatchHeader) - sizeof(ulong); index < bytes.Length; index++)
            {
                bytes[index] ^= 0x10;
                Assert.False(BatchFormat.IsIntact(start, bytes.Length, Offset), $"byte {index}");
                bytes[index] ^= 0x10;
            }
        }
    }

    private static byte[] Build()
    {
        var builder = new BatchBuilder();
        builder.Append("k"u8, "v1"u8, null);
        builder.Append(Bytes.Null, ""u8, new RecordHeaders().Add("h", "xy").AddNull("n"));
        builder.Append("k"u8, Bytes.Null, new RecordHeaders { Timestamp = 7 });
        var batch = builder.Seal(Timestamp);
        batch.PlaceAt(Offset);
        var bytes = batch.Data.ToArray();
        batch.Buffer.Release();
        return bytes;
    }

    private static IEnumerable<string> Split(byte[] bytes, params int[] lengths)
    {
        var at = 0;
        foreach (var length in lengths)
        {
            yield return Hex(bytes.AsSpan(at, Math.Min(length, bytes.Length - at)));
            at += length;
        }

        Assert.Equal(bytes.Length, at);
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes)
            text.Append(text.Length == 0 ? "" : " ").Append(value.ToString("X2"));
        return text.ToString();
    }
}
