using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CohortPipeline.TestKit.Network;

/// <summary>One connection through a <see cref="BrokerProxy"/>: requests one way, answers the other, each in its order.</summary>
internal sealed class ProxyLink(BrokerProxy proxy, Socket client, CancellationToken end)
{
    private const int LengthBytes = sizeof(int);
    private const int SlicesPerSecond = 20;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1.0 / SlicesPerSecond);

    private readonly Socket _broker = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ConcurrentDictionary<int, KafkaRequest> _unanswered = new();
    private readonly CancellationTokenSource _reset = CancellationTokenSource.CreateLinkedTokenSource(end);
    private volatile bool _areAnswersEnded;

    /// <summary>The client's name; empty until its first request.</summary>
    public string ClientId { get; private set; } = "";

    public async Task RunAsync(int brokerPort)
    {
        using (client)
        using (_broker)
        {
            try
            {
                client.NoDelay = true;
                await _broker.ConnectAsync(IPAddress.Loopback, brokerPort, _reset.Token);
                await Task.WhenAll(RunAsync(CarryRequestsAsync), RunAsync(CarryAnswersAsync));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Nobody listens there at the moment: the client hears it as it would from the broker's machine.
                Abandon(client);
            }
        }

        _reset.Dispose();
    }

    /// <summary>Both sides hear of it at once.</summary>
    public void Reset()
    {
        try
        {
            _reset.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has gone by itself.
        }
    }

    /// <summary>The client hears that no answer will come any more.</summary>
    public void EndAnswers()
    {
        _areAnswersEnded = true;
        try
        {
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has gone by itself.
        }
    }

    /// <summary>One direction; whatever ends it, but for a half-closed connection, ends the other too.</summary>
    private async Task RunAsync(Func<Task> carry)
    {
        try
        {
            await carry();
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Abandon(client);
            Abandon(_broker);
            await _reset.CancelAsync();
        }
    }

    private async Task CarryRequestsAsync()
    {
        while (await ReadAsync(client) is { } frame)
        {
            var request = KafkaRequest.Read(frame.AsSpan(LengthBytes));
            ClientId = request.ClientId;
            _unanswered[request.CorrelationId] = request;
            if (!await proxy.PassAsync(request, HeldAt.Request, end))
                throw new OperationCanceledException("dropped");
            await SendAsync(_broker, frame);
        }

        // The client has said all that it will; what it asked may still be answered.
        _broker.Shutdown(SocketShutdown.Send);
    }

    private async Task CarryAnswersAsync()
    {
        while (await ReadAsync(_broker) is { } frame)
        {
            var correlation = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(LengthBytes));
            if (_unanswered.TryRemove(correlation, out var request) && !await proxy.PassAsync(request, HeldAt.Answer, end))
                throw new OperationCanceledException("dropped");
            if (!_areAnswersEnded)
                await SendAsync(client, frame);
        }

        await _reset.CancelAsync();
    }

    /// <summary>Sends as the weather allows.</summary>
    private async Task SendAsync(Socket socket, byte[] frame)
    {
        var weather = await proxy.WeatherAsync(ClientId, _reset.Token);
        if (weather.IsBroken)
            throw new OperationCanceledException("broken");
        if (weather.Delay > TimeSpan.Zero)
            await Task.Delay(weather.Delay, _reset.Token);
        for (var sent = 0; sent < frame.Length;)
        {
            var length = weather.BytesPerSecond == 0 ? frame.Length - sent : Math.Min(frame.Length - sent, Math.Max(1, weather.BytesPerSecond / SlicesPerSecond));
            sent += await socket.SendAsync(frame.AsMemory(sent, length), _reset.Token);
            if (sent < frame.Length)
                await Task.Delay(Slice, _reset.Token);
        }
    }

    /// <summary>A whole request or answer with its length before it; null: the sender has ended.</summary>
    private async Task<byte[]?> ReadAsync(Socket socket)
    {
        var length = new byte[LengthBytes];
        if (!await FillAsync(socket, length))
            return null;
        var frame = new byte[LengthBytes + BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(frame, 0);
        return await FillAsync(socket, frame.AsMemory(LengthBytes)) ? frame : null;
    }

    private async Task<bool> FillAsync(Socket socket, Memory<byte> memory)
    {
        while (memory.Length > 0)
        {
            var read = await socket.ReceiveAsync(memory, _reset.Token);
            if (read == 0)
                return false;
            memory = memory[read..];
        }

        return true;
    }

    /// <summary>Closes with a reset, not with an end.</summary>
    private static void Abandon(Socket socket)
    {
        try
        {
            socket.LingerState = new(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has gone by itself.
        }
    }
}
