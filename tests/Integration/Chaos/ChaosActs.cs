using System.Net.Sockets;
using CohortPipeline.TestKit.Network;
using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>Does what a point says, under load. Nothing here waits for a time, but where a time is what is done.</summary>
internal sealed class ChaosActs(ChaosCluster cluster, ChaosFleet fleet, ChaosLoad load)
{
    /// <summary>One point of so many is followed by the next at once, whatever state it left.</summary>
    private const int HastyOf = 4;

    private readonly ChaosCommits _commits = new(cluster, fleet);

    public async Task DoAsync(ChaosPoint point, CancellationToken cancellation)
    {
        var random = new Random(point.Seed);
        await fleet.RestartEndedAsync(cancellation);
        await (point.Kind switch
        {
            ChaosKind.Kill => KillAsync(point, cancellation),
            ChaosKind.KillInCommit => _commits.KillInCommitAsync(point, random, cancellation),
            ChaosKind.KillBeforeMarkers => _commits.KillBeforeMarkersAsync(point, cancellation),
            ChaosKind.KillInRestore => KillInRestoreAsync(point, cancellation),
            ChaosKind.KillInDefinitionChange => KillInDefinitionChangeAsync(point, random, cancellation),
            ChaosKind.Freeze => FreezeAsync(point, random, cancellation),
            ChaosKind.LoseAnswer => _commits.LoseAnswerAsync(point, random, cancellation),
            ChaosKind.CutConnections => CutConnectionsAsync(point, random),
            ChaosKind.BadNetwork => BadNetworkAsync(point, random, cancellation),
            ChaosKind.KillBroker => load.WithoutAsync(() => cluster.RestartBrokerAsync(cancellation)),
            ChaosKind.Replace => ReplaceAsync(point, cancellation),
            ChaosKind.Scale => ScaleAsync(cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(point), point, "is no kind of point"),
        });
        if (random.Next(HastyOf) > 0)
            await fleet.ReadyAsync(point.Service, Math.Min(point.Instance, InstancesOf(point.Service) - 1), cancellation);
    }

    private int InstancesOf(string service) => service == KafkaServices.Evaluator ? fleet.Evaluators : 1;

    private async Task KillAsync(ChaosPoint point, CancellationToken cancellation)
    {
        await fleet.KillAsync(point.Service, point.Instance, cancellation);
        fleet.Start(point.Service, point.Instance);
    }

    /// <summary>The first that an evaluator fetches is the changelog of what it was assigned.</summary>
    private async Task KillInRestoreAsync(ChaosPoint point, CancellationToken cancellation)
    {
        await fleet.KillAsync(point.Service, point.Instance, cancellation);
        var client = KafkaServices.ClientId(point.Service, point.Instance);
        var restoring = cluster.Clients.Hold(request => request.ApiKey == KafkaKeys.Fetch && request.ClientId == client, HeldAt.Answer);
        fleet.Start(point.Service, point.Instance);
        await _commits.ArrivedAsync(restoring, point, cancellation);
        await fleet.KillAsync(point.Service, point.Instance, cancellation);
        restoring.Drop();
        fleet.Start(point.Service, point.Instance);
    }

    private async Task KillInDefinitionChangeAsync(ChaosPoint point, Random random, CancellationToken cancellation)
    {
        await fleet.ReadyAsync(KafkaServices.ControlService, 0, cancellation);
        var definition = $"id: edited\nname: Edit {point.Number}\nwhere: {{ did: {{ event: cart_added, count: {{ at_least: {random.Next(1, 4)} }}, within: 2s }} }}";
        if (point.Service == KafkaServices.Evaluator)
        {
            await fleet.Control.ApplyAsync([definition], cancellation);
            await _commits.KillInCommitAsync(point, random, cancellation);
            return;
        }

        var change = Task.CompletedTask;
        await _commits.KillInCommitAsync(point, random, cancellation, begin: () => change = fleet.Control.ApplyAsync([definition], cancellation));
        try
        {
            await change;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException)
        {
            // Killed before it answered: the whole change set is there, or nothing of it.
        }
    }

    private async Task FreezeAsync(ChaosPoint point, Random random, CancellationToken cancellation)
    {
        await fleet.ReadyAsync(point.Service, point.Instance, cancellation);
        var process = fleet.Services.ProcessOf(point.Service, point.Instance);
        process.Freeze();
        await Task.Delay(ChaosCluster.SessionTimeout + TimeSpan.FromSeconds(random.Next(1, 4)), cancellation);
        process.Thaw();
    }

    private Task CutConnectionsAsync(ChaosPoint point, Random random)
    {
        var concerned = Concerned(point, random);
        if (random.Next(2) == 0)
            cluster.Clients.Cut(concerned);
        else
            cluster.Clients.HalfClose(concerned);
        return Task.CompletedTask;
    }

    private async Task BadNetworkAsync(ChaosPoint point, Random random, CancellationToken cancellation)
    {
        var concerned = Concerned(point, random);
        var weather = new NetworkWeather(TimeSpan.FromMilliseconds(random.Next(20, 200)), BytesPerSecond: random.Next(2) * random.Next(20_000, 200_000));
        cluster.Clients.SetWeather(client => concerned(client) ? weather : NetworkWeather.Fine);
        await Task.Delay(TimeSpan.FromSeconds(random.Next(2, 6)), cancellation);
        cluster.Clients.SetWeather(_ => NetworkWeather.Fine);
    }

    private async Task ReplaceAsync(ChaosPoint point, CancellationToken cancellation)
    {
        try
        {
            await fleet.Services.ReplaceAsync(point.Service, point.Instance, cancellation);
        }
        catch (InvalidOperationException) when (fleet.Services.ProcessOf(point.Service, point.Instance).HasExited)
        {
            // The old one has fenced the new one.
            await fleet.RestartEndedAsync(cancellation);
        }
    }

    private async Task ScaleAsync(CancellationToken cancellation)
    {
        if (fleet.Evaluators == 1)
        {
            await fleet.ScaleAsync(3, cancellation);
            await fleet.ScaleAsync(2, cancellation);
        }
        else
        {
            await fleet.ScaleAsync(1, cancellation);
        }
    }

    /// <summary>One service, or all of them.</summary>
    private static Func<string, bool> Concerned(ChaosPoint point, Random random)
    {
        var one = KafkaServices.ClientId(point.Service, point.Instance);
        return random.Next(2) == 0 ? client => client == one : _ => true;
    }
}
