using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace CohortPipeline.TestKit.Network;

/// <summary>
/// A network between Kafka clients and a broker that advertises this proxy's address: tests say how it treats whom, by the
/// clients' names (<c>client.id</c>), break its connections, and hold single requests or answers.
/// </summary>
/// <remarks>It reads no more than the requests' headers, and hands on byte for byte.</remarks>
public sealed class BrokerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _brokerPort;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<ProxyLink, Task> _links = new();
    private readonly Task _accepting;
    private ImmutableList<HeldExchange> _holds = [];
    private Func<string, NetworkWeather> _weatherOf = _ => NetworkWeather.Fine;
    private TaskCompletionSource _weatherChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerProxy(int port, int brokerPort)
    {
        Port = port;
        _brokerPort = brokerPort;
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect, and what the broker advertises.</summary>
    public int Port { get; }

    /// <param name="brokerPort">Where the broker listens, now or later.</param>
    public static BrokerProxy Start(int port, int brokerPort) => new(port, brokerPort);

    /// <summary>From now on the network is like this for the client of a name.</summary>
    public void SetWeather(Func<string, NetworkWeather> weatherOf)
    {
        _weatherOf = weatherOf;
        Interlocked.Exchange(ref _weatherChanged, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>From now on such requests, or their answers, are held.</summary>
    public HeldExchange Hold(Func<KafkaRequest, bool> concerns, HeldAt at)
    {
        var hold = new HeldExchange(concerns, at, ended => ImmutableInterlocked.Update(ref _holds, holds => holds.Remove(ended)));
        ImmutableInterlocked.Update(ref _holds, holds => holds.Add(hold));
        return hold;
    }

    /// <summary>Resets the connections of these clients, as a machine does that knows nothing of them any more.</summary>
    public void Cut(Func<string, bool> isClient)
    {
        foreach (var link in LinksOf(isClient))
            link.Reset();
    }

    /// <summary>Ends the broker's side of these clients' connections and goes on to listen to theirs.</summary>
    public void HalfClose(Func<string, bool> isClient)
    {
        foreach (var link in LinksOf(isClient))
            link.EndAnswers();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var link in _links.Keys)
            link.Reset();
        await Task.WhenAll(_links.Values);
        _end.Dispose();
    }

    /// <summary>Waits until a client's network lets anything through.</summary>
    internal async Task<NetworkWeather> WeatherAsync(string client, CancellationToken cancellation)
    {
        while (true)
        {
            // The change first: one that comes in between is not missed.
            var changed = _weatherChanged.Task;
            var weather = _weatherOf(client);
            if (!weather.IsSilent)
                return weather;
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Holds what somebody wants held; false: it is dropped.</summary>
    internal async Task<bool> PassAsync(KafkaRequest request, HeldAt at, CancellationToken cancellation)
    {
        foreach (var hold in _holds)
        {
            if (hold.Concerns(request, at) && !await hold.WaitAsync(request, cancellation))
                return false;
        }

        return true;
    }

    private IEnumerable<ProxyLink> LinksOf(Func<string, bool> isClient) => _links.Keys.Where(link => isClient(link.ClientId));

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var link = new ProxyLink(this, await _listener.AcceptSocketAsync(_end.Token), _end.Token);
                _links[link] = Task.CompletedTask;
                _links[link] = RunAsync(link);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The end, or a client that went before it was let in.
            }
        }
    }

    private async Task RunAsync(ProxyLink link)
    {
        await Task.Yield();
        await link.RunAsync(_brokerPort);
        _links.TryRemove(link, out _);
    }
}
