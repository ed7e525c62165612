using System.Text;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using Newtonsoft.Json;
using Xunit;

namespace CohortPipeline.Tests.Unit.SchemaRegistry;

/// <summary>Frames as Confluent's own serializer makes them, with both kinds of schema id, are read.</summary>
public class ConfluentFrameTests
{
    [Theory]
    [InlineData(SchemaIdSerializerStrategy.Prefix)]
    [InlineData(SchemaIdSerializerStrategy.Header)]
    public async Task A_value_framed_by_its_serializer_is_read(SchemaIdSerializerStrategy strategy)
    {
        using var registry = new SchemaRegistryServer();
        using var client = new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = registry.Url });
        var serializer = new JsonSerializer<Viewed>(client, new JsonSerializerConfig { SchemaIdStrategy = strategy });
        var headers = new Headers();
        var value = await serializer.SerializeAsync(new() { Event = "view", UserId = "ada" }, new(MessageComponentType.Value, "events", headers));

        using var normalizer = new Normalizer();
        var records = normalizer.Normalize(new() { Topic = "events"u8, Value = value, Headers = new(new HeadersOnly(headers), 0) }, wallClock: 0);
        Assert.NotEqual((byte)'{', strategy == SchemaIdSerializerStrategy.Prefix ? value[0] : headers[0].GetValueBytes()[0]);
        Assert.Equal(
            """{"type":"event","event":"view","l":0,"user_id":"ada","src":["events",0,0,0]}""",
            Encoding.UTF8.GetString(records.Value(0)));
    }

    private sealed class Viewed
    {
        [JsonProperty("event")]
        public string Event { get; set; } = "";

        [JsonProperty("user_id")]
        public string UserId { get; set; } = "";
    }

    private sealed class HeadersOnly(Headers headers) : RecordBatch
    {
        public override ReadOnlySpan<LogRecord> Records => default;

        public override ReadOnlySpan<PartitionSignal> Signals => default;

        public override long TimestampOf(int index) => 0;

        public override int HeaderCountOf(int index) => headers.Count;

        public override LogHeader HeaderOf(int index, int header) => new(Encoding.UTF8.GetBytes(headers[header].Key), headers[header].GetValueBytes());
    }
}
