using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>Records of <c>activity</c> from a seed, and what becomes of them where bytes change.</summary>
internal static class RandomActivityRecords
{
    private static readonly string[] Texts = ["a", "ada", "user-00000042", "2026-03-01", "é", "日本", "😀", "sku-17", "x y", "", "true", "12"];
    private static readonly string[] EscapedTexts = ["a\"b", "\\", "\n", "\u0001"];
    private static readonly string[] Scalars = ["0", "-1", "17", "1.50", "-0.25e-3", "1E400", "99999999999999999999", "true", "false", "null", "\"\"", "\"shoes\"", "\"é\"", "[]", "{}"];
    private static readonly string[] OddScalars = ["\"a\\\"b\"", "\"\\u00e9\"", "\"\\ud83d\""];
    private static readonly long[] Numbers = [0, 1, -1, 42, 1_772_359_200_123, 1_772_359_200_124, 999_999_999_999_999_999];
    private static readonly long[] LongNumbers = [long.MaxValue, long.MinValue, 1_000_000_000_000_000_000];

    /// <summary>An event or an identify call of random members, as the platform's JSON writer leaves it.</summary>
    public static byte[] Next(Random random)
    {
        var isEvent = random.Next(4) > 0;
        var isOdd = random.Next(8) == 0;
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions);
        ActivityWriter.Write(json, new()
        {
            Type = isEvent ? ActivityType.Event : ActivityType.Identify,
            Event = isEvent ? RandomText(random, isOdd) : default,
            Timestamp = RandomNumber(random),
            UserId = random.Next(4) > 0 ? RandomText(random, isOdd) : default,
            DeviceId = random.Next(2) > 0 ? RandomText(random, isOdd) : default,
            Time = random.Next(3) > 0 ? RandomNumber(random) : null,
            InsertId = random.Next(3) > 0 ? RandomText(random, isOdd) : default,
            Source = random.Next(3) > 0 ? new("events"u8, random.Next(-1, 20), RandomNumber(random), random.Next(3)) : default,
            Moved = random.Next(6) == 0 ? RandomNumber(random) : null,
            Via = random.Next(6) == 0 ? "[\"d:d1\"]"u8 : default,
            UserProperties = random.Next(3) == 0 ? RandomObject(random, 3, isOdd) : default,
            Properties = isEvent && random.Next(4) > 0 ? RandomObject(random, 3, isOdd) : default,
            Context = isEvent && random.Next(6) == 0 ? RandomObject(random, 2, isOdd) : default,
        });
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] RandomObject(Random random, int depth, bool isOdd) => Encoding.UTF8.GetBytes(RandomMembers(random, depth, isOdd));

    private static string RandomMembers(Random random, int depth, bool isOdd) =>
        $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{Pick(Texts, random)}\":{RandomValue(random, depth - 1, isOdd)}"))}}}";

    private static string RandomValue(Random random, int depth, bool isOdd) => (depth > 0 ? random.Next(6) : 2) switch
    {
        0 => RandomMembers(random, depth, isOdd),
        1 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1, isOdd)))}]",
        _ => Pick(isOdd ? OddScalars : Scalars, random),
    };

    public static byte[] RandomText(Random random, bool isOdd) => Encoding.UTF8.GetBytes(Pick(isOdd ? EscapedTexts : Texts, random));

    public static long RandomNumber(Random random) => Pick(random.Next(20) > 0 ? Numbers : LongNumbers, random);

    private static T Pick<T>(T[] values, Random random) => values[random.Next(values.Length)];

    /// <summary>A few bytes replaced, put in, taken out or repeated, or the end cut off.</summary>
    public static byte[] Mutate(byte[] record, Random random)
    {
        var bytes = record.ToList();
        for (var left = random.Next(1, 3); left > 0 && bytes.Count > 0; left--)
        {
            var place = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[place] = RandomByte(random); break;
                case 1: bytes.Insert(place, RandomByte(random)); break;
                case 2: bytes.RemoveAt(place); break;
                case 3: bytes.InsertRange(place, bytes.GetRange(place, random.Next(1, 1 + Math.Min(30, bytes.Count - place)))); break;
                case 4: bytes[place] = (byte)(bytes[place] ^ (1 << random.Next(8))); break;
                default:
                    if (random.Next(4) == 0)
                        bytes.RemoveRange(place, bytes.Count - place);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte RandomByte(Random random) => random.Next(3) > 0 ? Pick("\"\\{}[]:,-+.eE0189 \t\nntfu"u8.ToArray(), random) : (byte)random.Next(256);
}
