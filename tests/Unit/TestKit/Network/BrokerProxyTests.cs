using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Network;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Network;

/// <summary>The network in the middle, between a client that speaks the header of the protocol and a broker that answers with what it got.</summary>
public sealed class BrokerProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly EchoBroker _broker = new();
    private readonly BrokerProxy _proxy;

    public BrokerProxyTests() => _proxy = BrokerProxy.Start(Ports.Free(), _broker.Port);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Hands_on_byte_for_byte_in_order()
    {
        using var client = await ConnectAsync();
        for (var number = 0; number < 100; number++)
            await client.AskAsync(KafkaKeys.Fetch, number, new string('x', number * 100));
        for (var number = 0; number < 100; number++)
            Assert.Equal((number, new string('x', number * 100)), await client.AnswerAsync());
    }

    [Fact]
    public async Task A_held_request_reaches_the_broker_once_it_is_let_through()
    {
        using var client = await ConnectAsync();
        var held = _proxy.Hold(request => request.ApiKey == KafkaKeys.EndTxn, HeldAt.Request);
        await client.AskAsync(KafkaKeys.Fetch, 1, "before");
        await client.AskAsync(KafkaKeys.EndTxn, 2, "held");
        await client.AskAsync(KafkaKeys.Fetch, 3, "behind");
        Assert.Equal((1, "before"), await client.AnswerAsync());
        Assert.Equal(2, (await held.Arrived.WaitAsync(Deadline, Cancellation)).CorrelationId);
        Assert.Equal(["before"], _broker.Seen);

        held.LetThrough();
        Assert.Equal((2, "held"), await client.AnswerAsync());
        Assert.Equal((3, "behind"), await client.AnswerAsync());
    }

    [Fact]
    public async Task A_held_request_arrives_although_its_client_has_gone()
    {
        var held = _proxy.Hold(request => request.ApiKey == KafkaKeys.EndTxn, HeldAt.Request);
        using (var client = await ConnectAsync())
        {
            await client.AskAsync(KafkaKeys.EndTxn, 1, "late");
            await held.Arrived.WaitAsync(Deadline, Cancellation);
        }

        held.LetThrough();
        await Eventually.HoldsAsync(() => _broker.Seen.Contains("late"), "the request never came", Deadline, Cancellation);
    }

    [Fact]
    public async Task A_dropped_answer_breaks_the_connection_after_the_broker_has_done_what_was_asked()
    {
        using var client = await ConnectAsync();
        var held = _proxy.Hold(request => request.ApiKey == KafkaKeys.EndTxn, HeldAt.Answer);
        await client.AskAsync(KafkaKeys.EndTxn, 1, "done");
        await held.Arrived.WaitAsync(Deadline, Cancellation);
        Assert.Equal(["done"], _broker.Seen);

        held.Drop();
        await Assert.ThrowsAnyAsync<IOException>(client.AnswerAsync);
    }

    [Fact]
    public async Task A_dropped_request_never_arrives_and_later_ones_go_on()
    {
        using var client = await ConnectAsync();
        var held = _proxy.Hold(request => request.ApiKey == KafkaKeys.EndTxn, HeldAt.Request);
        await client.AskAsync(KafkaKeys.EndTxn, 1, "dropped");
        await held.Arrived.WaitAsync(Deadline, Cancellation);
        held.Drop();
        await Assert.ThrowsAnyAsync<IOException>(client.AnswerAsync);

        using var again = await ConnectAsync();
        await again.AskAsync(KafkaKeys.EndTxn, 1, "again");
        Assert.Equal((1, "again"), await again.AnswerAsync());
        Assert.Equal(["again"], _broker.Seen);
    }

    [Fact]
    public async Task Only_the_named_clients_connections_are_cut()
    {
        using var cut = await ConnectAsync("cut");
        using var kept = await ConnectAsync("kept");
        foreach (var client in (Client[])[cut, kept])
        {
            await client.AskAsync(KafkaKeys.Fetch, 1, "hello");
            await client.AnswerAsync();
        }

        _proxy.Cut(client => client == "cut");
        await Assert.ThrowsAnyAsync<IOException>(cut.AnswerAsync);
        await kept.AskAsync(KafkaKeys.Fetch, 2, "still here");
        Assert.Equal((2, "still here"), await kept.AnswerAsync());
    }

    [Fact]
    public async Task A_half_closed_connection_still_carries_requests()
    {
        using var client = await ConnectAsync();
        await client.AskAsync(KafkaKeys.Fetch, 1, "hello");
        await client.AnswerAsync();
        _proxy.HalfClose(_ => true);
        await Assert.ThrowsAsync<EndOfStreamException>(client.AnswerAsync);

        await client.AskAsync(KafkaKeys.Fetch, 2, "unheard");
        await Eventually.HoldsAsync(() => _broker.Seen.Contains("unheard"), "the request never came", Deadline, Cancellation);
    }

    [Fact]
    public async Task A_silent_network_keeps_what_is_sent_until_it_is_over()
    {
        using var silent = await ConnectAsync("silent");
        using var other = await ConnectAsync("other");
        _proxy.SetWeather(client => client == "silent" ? new(IsSilent: true) : NetworkWeather.Fine);
        await silent.AskAsync(KafkaKeys.Fetch, 1, "kept");
        await other.AskAsync(KafkaKeys.Fetch, 1, "through");
        Assert.Equal((1, "through"), await other.AnswerAsync());
        Assert.Equal(["through"], _broker.Seen);

        _proxy.SetWeather(_ => NetworkWeather.Fine);
        Assert.Equal((1, "kept"), await silent.AnswerAsync());
    }

    [Fact]
    public async Task A_broken_network_ends_every_connection_at_its_next_byte()
    {
        _proxy.SetWeather(_ => new(IsBroken: true));
        using var client = await ConnectAsync();
        await client.AskAsync(KafkaKeys.Fetch, 1, "lost");
        await Assert.ThrowsAnyAsync<IOException>(client.AnswerAsync);
        Assert.Empty(_broker.Seen);
    }

    /// <summary>A timer may be a tick of the clock early, so that two delays of 100 ms are not always 200.</summary>
    [Theory]
    [InlineData(100, 0, 150)]
    [InlineData(0, 2_000, 150)]
    public async Task A_slow_network_takes_its_time(int delay, int bytesPerSecond, int millisecondsMin)
    {
        _proxy.SetWeather(_ => new(TimeSpan.FromMilliseconds(delay), bytesPerSecond));
        using var client = await ConnectAsync();
        var started = Stopwatch.GetTimestamp();
        var text = new string('x', 300);
        await client.AskAsync(KafkaKeys.Fetch, 1, text);
        Assert.Equal((1, text), await client.AnswerAsync());
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(millisecondsMin));
    }

    private async Task<Client> ConnectAsync(string name = "client")
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        return new(socket, name);
    }

    /// <summary>Sends requests with the protocol's header and a text behind it.</summary>
    private sealed class Client(TcpClient connection, string name) : IDisposable
    {
        public async Task AskAsync(short key, int correlation, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var frame = new byte[4 + 2 + 2 + 4 + 2 + name.Length + bytes.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
            BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), correlation);
            BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), (short)name.Length);
            Encoding.UTF8.GetBytes(name).CopyTo(frame, 14);
            bytes.CopyTo(frame, 14 + name.Length);
            await connection.GetStream().WriteAsync(frame, Cancellation);
        }

        public async Task<(int Correlation, string Text)> AnswerAsync()
        {
            var stream = connection.GetStream();
            var length = new byte[4];
            await stream.ReadExactlyAsync(length, Cancellation).AsTask().WaitAsync(Deadline, Cancellation);
            var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await stream.ReadExactlyAsync(answer, Cancellation);
            return (BinaryPrimitives.ReadInt32BigEndian(answer), Encoding.UTF8.GetString(answer.AsSpan(4)));
        }

        public void Dispose() => connection.Dispose();
    }

    /// <summary>Answers each request with its correlation id and the text behind its header.</summary>
    private sealed class EchoBroker : IAsyncDisposable
    {
        private const int FixedHeaderBytes = 10;

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly ConcurrentBag<Task> _serving = [];
        private readonly ConcurrentQueue<string> _seen = new();
        private readonly Task _accepting;

        public EchoBroker()
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _accepting = AcceptAsync();
        }

        public int Port { get; }

        public IReadOnlyList<string> Seen => [.. _seen];

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Stop();
            await _accepting;
            await Task.WhenAll(_serving);
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (Exception exception) when (_end.IsCancellationRequested && exception is OperationCanceledException or SocketException or InvalidOperationException)
            {
                // The test is over; a listener that stopped meanwhile calls it a wrong use.
            }
        }

        private async Task ServeAsync(TcpClient connection)
        {
            using (connection)
            {
                try
                {
                    var stream = connection.GetStream();
                    var length = new byte[4];
                    while (true)
                    {
                        await stream.ReadExactlyAsync(length, _end.Token);
                        var request = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                        await stream.ReadExactlyAsync(request, _end.Token);
                        var text = request.AsMemory(FixedHeaderBytes + BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(FixedHeaderBytes - 2)));
                        _seen.Enqueue(Encoding.UTF8.GetString(text.Span));
                        var answer = new byte[4 + 4 + text.Length];
                        BinaryPrimitives.WriteInt32BigEndian(answer, 4 + text.Length);
                        request.AsSpan(4, 4).CopyTo(answer.AsSpan(4));
                        text.CopyTo(answer.AsMemory(8));
                        await stream.WriteAsync(answer, _end.Token);
                    }
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException)
                {
                    // The connection, or the test, is over.
                }
            }
        }
    }
}
