using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>JSON that looks like producers' records more often than chance would have it.</summary>
internal static class JsonGenerator
{
    private static readonly string[] Names =
    [
        "event", "identify", "user_id", "user", "device_id", "time", "insert_id", "properties", "events", "identification", "event_type",
        "event_time", "$insert_id", "event_properties", "user_properties", "type", "userId", "anonymousId", "previousId", "groupId",
        "timestamp", "messageId", "traits", "name", "context", "$set", "$unset", "$add", "$append", "$clearAll", "x", "y z", "\\u0065vent", "é",
    ];

    private static readonly string[] Scalars =
    [
        "null", "true", "0", "-1", "7", "1.5", "1e400", "1700000000", "1700000000123", "\"\"", "\"ada\"", "\" bob \"", "\"null\"", "\"$identify\"",
        "\"track\"", "\"page\"", "\"group\"", "\"alias\"", "\"identify\"", "\"2026-03-01T10:00:00Z\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"a\\\\\\\"b\"", "\"é😀\"",
    ];

    public static Gen<string> Record() => Gen.Sized(size => Object(Math.Min(size, 4)));

    public static Gen<byte[]> Damaged() =>
        from json in Record()
        from place in Gen.Choose(0, json.Length)
        from length in Gen.Choose(0, 3)
        from junk in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length)
        select Damage(Encoding.UTF8.GetBytes(json), place, junk);

    private static byte[] Damage(byte[] json, int place, byte[] junk) =>
        [.. json.AsSpan(0, Math.Min(place, json.Length)), .. junk, .. json.AsSpan(Math.Min(place + 1, json.Length))];

    private static Gen<string> Value(int depth) => depth <= 0
        ? Gen.Elements(Scalars)
        : Gen.Frequency((4, Gen.Elements(Scalars)), (2, Object(depth - 1)), (1, Array(depth - 1)));

    private static Gen<string> Object(int depth) =>
        from count in Gen.Choose(0, 7)
        from names in Gen.Elements(Names).ArrayOf(count)
        from values in Value(depth).ArrayOf(count)
        from space in Gen.Elements("", " ", "\n ")
        select "{" + space + string.Join("," + space, names.Zip(values, (name, value) => $"\"{name}\"{space}:{space}{value}")) + "}";

    private static Gen<string> Array(int depth) =>
        from count in Gen.Choose(0, 3)
        from values in Value(depth).ArrayOf(count)
        select "[" + string.Join(",", values) + "]";
}
