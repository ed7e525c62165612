using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CohortPipeline.Log.Kafka;
using CohortPipeline.Log.Kafka.Admin;
using CohortPipeline.TestKit.Network;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log.Kafka;

/// <summary>
/// A topic whose partitions have no replica in sync, as Kafka says since 4.1 when the last one has died. Confluent's admin client
/// cannot read that: it destroys itself and never answers.
/// </summary>
public sealed class ReplicasOutOfSyncTests : IAsyncDisposable
{
    private const string Topic = "without-replicas";
    private const int Partitions = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DescribingBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Its_partitions_are_counted_again_and_again()
    {
        var settings = KafkaSettings.Parse([new("bootstrap.servers", $"127.0.0.1:{_broker.Port}")]);
        using var admin = new KafkaAdmin(settings, NullLogger.Instance, TimeProvider.System);
        for (var time = 0; time < 2; time++)
            Assert.Equal(Partitions, await admin.PartitionCountAsync(Topic, TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken));
    }

    /// <summary>Speaks as much of the protocol, in its oldest form, as a client needs that asks for a topic.</summary>
    private sealed class DescribingBroker : IAsyncDisposable
    {
        private const short ApiVersions = 18;
        private const short Metadata = 3;
        private const short MetadataVersion = 1;
        private const short UnsupportedVersion = 35;
        private const short LeaderNotAvailable = 5;
        private const int NodeId = 1;

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly List<Task> _serving = [];
        private readonly Task _accepting;

        public DescribingBroker()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _accepting;
            await Task.WhenAll(_serving);
            _listener.Stop();
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient connection)
        {
            using (connection)
            {
                try
                {
                    var stream = connection.GetStream();
                    var length = new byte[sizeof(int)];
                    while (true)
                    {
                        await stream.ReadExactlyAsync(length, _end.Token);
                        var request = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                        await stream.ReadExactlyAsync(request, _end.Token);
                        await stream.WriteAsync(AnswerTo(request), _end.Token);
                    }
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException)
                {
                    // The connection, or the test, is over.
                }
            }
        }

        private byte[] AnswerTo(byte[] request)
        {
            var header = KafkaRequest.Read(request);
            var version = BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(sizeof(short)));
            var body = header.ApiKey switch
            {
                ApiVersions => Versions(version == 0 ? (short)0 : UnsupportedVersion),
                Metadata => TopicWithoutReplicas(),
                _ => throw new IOException($"request {header.ApiKey} is none that this broker knows"),
            };
            return [.. Int32(sizeof(int) + body.Length), .. Int32(header.CorrelationId), .. body];
        }

        private static byte[] Versions(short error) =>
            [.. Int16(error), .. Int32(2), .. Int16(ApiVersions), .. Int16(0), .. Int16(0), .. Int16(Metadata), .. Int16(0), .. Int16(MetadataVersion)];

        private byte[] TopicWithoutReplicas()
        {
            byte[] brokers = [.. Int32(1), .. Int32(NodeId), .. Text("127.0.0.1"), .. Int32(Port), .. Int16(-1), .. Int32(NodeId)];
            byte[] topic = [.. Int32(1), .. Int16(0), .. Text(Topic), 0, .. Int32(Partitions)];
            byte[] noReplicas = [.. Int32(0), .. Int32(0)];
            return [.. brokers, .. topic, .. Enumerable.Range(0, Partitions).SelectMany(partition => (byte[])[.. Int16(LeaderNotAvailable), .. Int32(partition), .. Int32(-1), .. noReplicas])];
        }

        private static byte[] Text(string text) => [.. Int16((short)text.Length), .. Encoding.ASCII.GetBytes(text)];

        private static byte[] Int16(short value)
        {
            var bytes = new byte[sizeof(short)];
            BinaryPrimitives.WriteInt16BigEndian(bytes, value);
            return bytes;
        }

        private static byte[] Int32(int value)
        {
            var bytes = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }
    }
}
