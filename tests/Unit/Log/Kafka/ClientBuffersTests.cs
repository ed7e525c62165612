using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.Log.Kafka.Native;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log.Kafka;

/// <summary>One figure bounds what clients hold; whoever sets a buffer of librdkafka itself has that.</summary>
public sealed class ClientBuffersTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(ClientBuffers.DefaultBytes)]
    [InlineData(ClientBuffers.BytesMin)]
    [InlineData(ClientBuffers.BytesMax)]
    public void Clients_buffers_are_shares_of_the_figure(long bytes)
    {
        var settings = Settings(bytes);
        var reader = ClientProperties.OfReader(settings, new("group"));
        var writer = ClientProperties.OfWriter(settings, "id", ILog.BatchBytesOurTopicsTake);
        Assert.Equal($"{bytes / 4 / 1024}", reader["queued.max.messages.kbytes"]);
        Assert.Equal($"{Math.Max(bytes / 8, ClientProperties.MessageBytesMax)}", reader["fetch.max.bytes"]);
        Assert.Equal($"{bytes / 1024}", reader["queued.min.messages"]);
        Assert.Equal($"{bytes / 2 / 1024}", writer["queue.buffering.max.kbytes"]);
        Assert.Equal($"{bytes / 1024}", writer["queue.buffering.max.messages"]);
        ClientHandle.Open(ClientKind.Consumer, reader, NullLogger.Instance).Dispose();
        ClientHandle.Open(ClientKind.Producer, writer, NullLogger.Instance).Dispose();
    }

    [Fact]
    public void A_buffer_that_is_set_by_its_own_name_is_so()
    {
        var settings = Settings(64 * MiB, ("queued.max.messages.kbytes", "1024"), ("queue.buffering.max.kbytes", "2048"));
        Assert.Equal("1024", ClientProperties.OfReader(settings, new("group"))["queued.max.messages.kbytes"]);
        Assert.Equal("2048", ClientProperties.OfWriter(settings, "id", ILog.BatchBytesOurTopicsTake)["queue.buffering.max.kbytes"]);
    }

    private static KafkaSettings Settings(long bufferBytes, params (string Name, string Value)[] properties) =>
        KafkaSettings.Parse([new("bootstrap.servers", "127.0.0.1:1"), .. properties.Select(property => KeyValuePair.Create(property.Name, (string?)property.Value))], bufferBytes);
}
