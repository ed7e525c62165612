using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>Records of random members are printed to the byte as the platform's JSON writer writes them. <c>SEED=n CASES=1</c> repeats what failed.</summary>
public sealed class ActivityPrinterTests
{
    private const int CaseCount = 20_000;

    private readonly ActivityReader _reader = new();

    [Fact]
    public void What_is_printed_is_what_the_JSON_writer_writes()
    {
        var printed = 0;
        var seeds = Cases.Seeds(CaseCount).ToList();
        foreach (var seed in seeds)
        {
            var bytes = RandomActivityRecords.Next(new(seed));
            if (!_reader.TryRead(bytes, out var record, out _))
                continue;
            var room = new byte[ActivityPrinter.LengthMax(record)];
            if (!ActivityPrinter.TryPrint(record, room, out var length))
                continue;
            printed++;
            Assert.True(Written(record) == Encoding.UTF8.GetString(room, 0, length), $"SEED={seed} CASES=1 repeats it.\nexpected {Written(record)}\nfound    {Encoding.UTF8.GetString(room, 0, length)}");
        }

        // Both ways are tried: texts that need no escape, and others.
        if (seeds.Count == CaseCount)
            Assert.InRange(printed, CaseCount / 10, CaseCount - (CaseCount / 10));
    }

    private static string Written(in ActivityRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions);
        ActivityWriter.Write(json, record);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
