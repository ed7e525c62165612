using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>One full record of every kind, and the bytes that it must have for as long as the contract stands.</summary>
internal static class WireSamples
{
    private const long At = 1_772_359_200_123;

    public static readonly (string Topic, string Name, byte[] Written, string Expected)[] All =
    [
        ("activity", "event", Activity(new()
        {
            Type = ActivityType.Event,
            Event = "product_viewed"u8,
            Timestamp = At,
            UserId = "ada"u8,
            DeviceId = "d1"u8,
            Time = At - 1,
            InsertId = "i1"u8,
            Source = new("events"u8, 3, 42, 1),
            Moved = 7,
            Via = "[\"d:d1\"]"u8,
            UserProperties = "{\"$set\":{\"plan\":\"pro\"}}"u8,
            Properties = "{\"price\":1.50,\"ü\":\"\\\"\"}"u8,
            Context = "{\"platform\":\"web\"}"u8,
        }), """{"type":"event","event":"product_viewed","l":1772359200123,"user_id":"ada","device_id":"d1","time":1772359200122,"insert_id":"i1","src":["events",3,42,1],"moved":7,"via":["d:d1"],"user_properties":{"$set":{"plan":"pro"}},"properties":{"price":1.50,"ü":"\""},"context":{"platform":"web"}}"""),
        ("activity", "a small event", Activity(new() { Type = ActivityType.Event, Event = "e"u8, Timestamp = -1, DeviceId = "d"u8 }),
            """{"type":"event","event":"e","l":-1,"device_id":"d"}"""),
        ("activity", "identify", Activity(new()
        {
            Type = ActivityType.Identify,
            Timestamp = At,
            UserId = "a\"b\\c\n\u00e9"u8,
            Source = new("identifies"u8, 0, 0, 0),
            UserProperties = "{\"$clearAll\":\"-\",\"$unset\":{\"a\":\"-\"},\"$set\":{\"b\":1},\"$setOnce\":{\"c\":2},\"$add\":{\"d\":\"3\"},\"$append\":{\"e\":[4]},\"$prepend\":{\"f\":5},\"$preInsert\":{\"g\":6},\"$postInsert\":{\"h\":7},\"$remove\":{\"i\":8}}"u8,
        }), """{"type":"identify","l":1772359200123,"user_id":"a\"b\\c\né","src":["identifies",0,0,0],"user_properties":{"$clearAll":"-","$unset":{"a":"-"},"$set":{"b":1},"$setOnce":{"c":2},"$add":{"d":"3"},"$append":{"e":[4]},"$prepend":{"f":5},"$preInsert":{"g":6},"$postInsert":{"h":7},"$remove":{"i":8}}}"""),
        ("activity", "watermark", Activity(new() { Type = ActivityType.Watermark, Topic = "events"u8, PartitionCount = 3, Read = "{\"0\":1,\"2\":2}"u8 }),
            """{"type":"watermark","topic":"events","partitions":3,"read":{"0":1,"2":2}}"""),
        ("activity", "final watermark", Activity(new() { Type = ActivityType.Watermark, Until = At }), """{"type":"watermark","until":1772359200123}"""),
        ("activity", "definition", Activity(new() { Type = ActivityType.Definition, Change = "c1"u8, Part = 1, Parts = 2, CohortId = "high-intent"u8, Version = 3, Definition = "{\"id\":\"high-intent\"}"u8 }),
            """{"type":"definition","change":"c1","part":1,"parts":2,"cohort_id":"high-intent","version":3,"definition":{"id":"high-intent"}}"""),
        ("activity", "deletion", Activity(new() { Type = ActivityType.Definition, Change = "c1"u8, Part = 2, Parts = 2, CohortId = "old"u8, Version = 4 }),
            """{"type":"definition","change":"c1","part":2,"parts":2,"cohort_id":"old","version":4}"""),
        ("activity", "live", Activity(new() { Type = ActivityType.Live, CohortId = "high-intent"u8, Version = 3 }), """{"type":"live","cohort_id":"high-intent","version":3}"""),
        ("activity", "link", Activity(new() { Type = ActivityType.Link, Timestamp = At, DeviceId = "d1"u8, UserId = "ada"u8, Via = "[\"d:d1\"]"u8 }),
            """{"type":"link","l":1772359200123,"device_id":"d1","user_id":"ada","via":["d:d1"]}"""),
        ("activity", "link of a user", Activity(new() { Type = ActivityType.Link, Timestamp = At, UserId = "ada"u8 }), """{"type":"link","l":1772359200123,"user_id":"ada"}"""),
        ("activity", "merge", Activity(new() { Type = ActivityType.Merge, From = "d:d1"u8, Via = "[\"d:d1\"]"u8, FirstSeenAt = At, UserProperties = "{\"plan\":\"pro\"}"u8, State = "AQID"u8 }),
            """{"type":"merge","from":"d:d1","via":["d:d1"],"first_seen_at":1772359200123,"user_properties":{"plan":"pro"},"state":"AQID"}"""),
        ("activity", "forget", Activity(new() { Type = ActivityType.Forget }), """{"type":"forget"}"""),
        ("membership-deltas", "enter", Delta(new()
        {
            Id = "0123456789abcdefghij_-"u8,
            CohortId = "high-intent"u8,
            CohortName = "High intent"u8,
            DefinitionVersion = 3,
            UserId = "ada"u8,
            DeviceId = "d1"u8,
            AmplitudeId = 42,
            Change = MembershipChange.Enter,
            Reason = DeltaReason.Event,
            At = At,
            EnteredAt = At,
            ComputedAt = At / 1000,
            FirstSeenAt = At - 1000,
            Version = 7,
            Part = 1,
            Parts = 2,
            Properties = "{\"plan\":\"pro\"}"u8,
            SourcePartition = 5,
            SourceOffset = 99,
        }), """{"delta_id":"0123456789abcdefghij_-","cohort_id":"high-intent","cohort_name":"High intent","definition_version":3,"user_id":"ada","device_id":"d1","amplitude_id":42,"change":"enter","reason":"event","at":"2026-03-01T10:00:00.123Z","entered_at":"2026-03-01T10:00:00.123Z","computed_at":1772359200,"first_seen_at":"2026-03-01T09:59:59.123Z","version":7,"part":1,"parts":2,"properties":{"plan":"pro"},"source":{"partition":5,"offset":99}}"""),
        ("membership-deltas", "exit", Delta(new()
        {
            Id = "0123456789abcdefghij_-"u8,
            CohortId = "high-intent"u8,
            CohortName = "High intent"u8,
            DefinitionVersion = 3,
            DeviceId = "d1"u8,
            AmplitudeId = 42,
            Change = MembershipChange.Exit,
            Reason = DeltaReason.Schedule,
            At = At,
            EnteredAt = At - 1000,
            ExitedAt = At,
            ComputedAt = At / 1000,
            FirstSeenAt = 0,
            Version = 8,
            Part = 1,
            Parts = 1,
            SourcePartition = -1,
            SourceOffset = -1,
        }), """{"delta_id":"0123456789abcdefghij_-","cohort_id":"high-intent","cohort_name":"High intent","definition_version":3,"device_id":"d1","amplitude_id":42,"change":"exit","reason":"schedule","at":"2026-03-01T10:00:00.123Z","entered_at":"2026-03-01T09:59:59.123Z","exited_at":"2026-03-01T10:00:00.123Z","computed_at":1772359200,"first_seen_at":"1970-01-01T00:00:00.000Z","version":8,"part":1,"parts":1}"""),
        ("memberships", "member", Row(new() { In = true, EnteredAt = At, At = At, Version = 7, ComputedAt = At / 1000, FirstSeenAt = At, UserId = "ada"u8, DeviceId = "d1"u8, AmplitudeId = 42, Properties = "{\"plan\":\"pro\"}"u8 }),
            """{"in":true,"entered_at":"2026-03-01T10:00:00.123Z","at":"2026-03-01T10:00:00.123Z","version":7,"computed_at":1772359200,"first_seen_at":"2026-03-01T10:00:00.123Z","ids":{"user_id":"ada","device_id":"d1","amplitude_id":42},"properties":{"plan":"pro"}}"""),
        ("memberships", "former member", Row(new() { EnteredAt = At - 1000, ExitedAt = At, At = At, Version = 8, ComputedAt = At / 1000, FirstSeenAt = At, DeviceId = "d1"u8, AmplitudeId = 42 }),
            """{"in":false,"entered_at":"2026-03-01T09:59:59.123Z","exited_at":"2026-03-01T10:00:00.123Z","at":"2026-03-01T10:00:00.123Z","version":8,"computed_at":1772359200,"first_seen_at":"2026-03-01T10:00:00.123Z","ids":{"device_id":"d1","amplitude_id":42}}"""),
        ("cohort-definitions", "definition", new CohortDefinitionRow("a", 3, "{\"id\":\"a\",\"where\":{}}"u8.ToArray()).Encode(), """{"version":3,"definition":{"id":"a","where":{}}}"""),
        ("cohort-definitions", "deletion", new CohortDefinitionRow("a", 4, null).Encode(), """{"version":4,"deleted":true}"""),
    ];

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] Activity(in ActivityRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            ActivityWriter.Write(writer, record);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Delta(in Delta delta)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            DeltaWriter.Write(writer, delta);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Row(in MembershipRow row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            MembershipWriter.Write(writer, row);
        return buffer.WrittenSpan.ToArray();
    }
}
