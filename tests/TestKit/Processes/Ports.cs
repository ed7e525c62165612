using System.Net;
using System.Net.Sockets;

namespace CohortPipeline.TestKit.Processes;

/// <summary>Ports of 127.0.0.1 for the servers of a test run. Each is handed out once: a server may take its time until it listens.</summary>
public static class Ports
{
    /// <summary>Below those that systems take for outgoing connections, one of which might come before the server.</summary>
    private const int First = 15_000;

    private const int Count = 17_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens on.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int Free()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + ((Interlocked.Increment(ref _next) & int.MaxValue) % Count);
            if (IsFree(port))
                return port;
        }

        throw new InvalidOperationException($"no port from {First} to {First + Count - 1} is free");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
