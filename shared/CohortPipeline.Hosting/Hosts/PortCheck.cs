using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Hosting;

/// <summary>Says in one line that the port is taken, before the service has joined anything.</summary>
internal sealed class PortCheck(int defaultPort) : IStartCheck
{
    public static int PortOf(HttpOptions options, int defaultPort) => options.Port > 0 ? options.Port : defaultPort;

    public IEnumerable<string> Errors(IServiceProvider services)
    {
        var options = services.GetRequiredService<HttpOptions>();
        if (!IPAddress.TryParse(options.Address, out var address) || options.Port is < 0 or > IPEndPoint.MaxPort)
            return [];
        var port = PortOf(options, defaultPort);
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return [];
        }
        catch (SocketException exception)
        {
            return [exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"port {port} on {address} is in use by another process: stop it, or set Http__Port to a free one."
                : $"cannot listen at {address}:{port}: {exception.Message}. Set Http__Address and Http__Port."];
        }
    }
}
