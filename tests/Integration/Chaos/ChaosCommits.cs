using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Network;
using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>The points that strike in the middle of a commit.</summary>
internal sealed class ChaosCommits(ChaosCluster cluster, ChaosFleet fleet)
{
    /// <summary>More than the watermarks and positions of all partitions.</summary>
    private const int LaneBytesMin = 4_000;

    private const string UnknownMark = "the outcome is unknown";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="begin">Leads to the commit; without it there is always another one.</param>
    public async Task KillInCommitAsync(ChaosPoint point, Random random, CancellationToken cancellation, Action? begin = null)
    {
        var commit = cluster.Clients.Hold(CommitOf(point), HeldAt.Request);
        begin?.Invoke();
        await ArrivedAsync(commit, point, cancellation);
        switch (random.Next(3))
        {
            case 0:
                await fleet.KillAsync(point.Service, point.Instance, cancellation);
                commit.Drop();
                fleet.Start(point.Service, point.Instance);
                break;
            case 1:
                commit.LetThrough();
                await fleet.KillAsync(point.Service, point.Instance, cancellation);
                fleet.Start(point.Service, point.Instance);
                break;
            default:
                await fleet.KillAsync(point.Service, point.Instance, cancellation);
                fleet.Start(point.Service, point.Instance);
                await NextLifeAsync(point, cancellation);
                commit.LetThrough();
                break;
        }
    }

    public async Task KillBeforeMarkersAsync(ChaosPoint point, CancellationToken cancellation)
    {
        // The markers of the transaction before are written by the time that this one ends.
        var commit = cluster.Clients.Hold(CommitOf(point), HeldAt.Request);
        await ArrivedAsync(commit, point, cancellation);
        var answer = cluster.Clients.Hold(request => IsCommit(request, point), HeldAt.Answer);
        var markers = cluster.Markers.Hold(request => request.ApiKey == KafkaKeys.WriteTxnMarkers, HeldAt.Request);
        try
        {
            commit.LetThrough();
            await ArrivedAsync(answer, point, cancellation);
            await fleet.KillAsync(point.Service, point.Instance, cancellation);
            answer.Drop();
            await ArrivedAsync(markers, point, cancellation);
            fleet.Start(point.Service, point.Instance);
            await NextLifeAsync(point, cancellation);
        }
        finally
        {
            markers.LetThrough();
        }
    }

    public async Task LoseAnswerAsync(ChaosPoint point, Random random, CancellationToken cancellation)
    {
        var answer = cluster.Clients.Hold(CommitOf(point), HeldAt.Answer);
        await ArrivedAsync(answer, point, cancellation);
        if (random.Next(2) == 0)
        {
            answer.Drop();
            return;
        }

        // The member lives on in its group meanwhile: it may not mistake what is its own for somebody else's, or for undone.
        var process = fleet.Services.ProcessOf(point.Service, point.Instance);
        var before = UnknownsOf(process.Output);
        var repeated = cluster.Clients.Hold(request => IsCommit(request, point), HeldAt.Answer);
        try
        {
            await Eventually.HoldsAsync(() => process.HasExited || UnknownsOf(process.Output) > before, $"{point} knows the outcome of a commit that nobody answered", Patience, cancellation);
        }
        finally
        {
            answer.Drop();
            repeated.Drop();
        }
    }

    /// <summary>Waits until what is held has come, and goes on starting what ends by itself meanwhile.</summary>
    /// <exception cref="ChaosFault">It never came.</exception>
    public async Task ArrivedAsync(HeldExchange held, ChaosPoint point, CancellationToken cancellation)
    {
        try
        {
            await Eventually.HoldsAsync(
                async token =>
                {
                    await fleet.RestartEndedAsync(token);
                    return held.Arrived.IsCompleted ? null : "nothing has come";
                },
                Patience,
                cancellation);
        }
        catch (TimeoutException)
        {
            held.LetThrough();
            throw new ChaosFault($"{point}: the service stood still under load for {Patience}");
        }
    }

    /// <summary>Waits until the next life asks for its transactional id, or for the group's positions where it has none; control-api asks for nothing by itself.</summary>
    private async Task NextLifeAsync(ChaosPoint point, CancellationToken cancellation)
    {
        if (point.Service == KafkaServices.ControlService)
        {
            await fleet.ReadyAsync(point.Service, point.Instance, cancellation);
            return;
        }

        var client = KafkaServices.ClientId(point.Service, point.Instance);
        var asked = cluster.Clients.Hold(request => request.ClientId == client && request.ApiKey == BeginKey(point), HeldAt.Answer);
        await ArrivedAsync(asked, point, cancellation);
        asked.LetThrough();
    }

    /// <summary>
    /// A commit of something. Most that a lane commits are watermarks alone, and nobody would miss one of those or see it twice.
    /// </summary>
    private static Func<KafkaRequest, bool> CommitOf(ChaosPoint point)
    {
        var client = KafkaServices.ClientId(point.Service, point.Instance);
        var bytesMin = ChaosPlan.Lanes.Contains(point.Service) ? LaneBytesMin : 0;
        var written = 0;
        return request =>
        {
            if (request.ClientId == client && request.ApiKey == KafkaKeys.Produce)
                Interlocked.Add(ref written, request.Length);
            return IsCommit(request, point) && Interlocked.Exchange(ref written, 0) >= bytesMin;
        };
    }

    private static bool IsCommit(KafkaRequest request, ChaosPoint point) =>
        request.ClientId == KafkaServices.ClientId(point.Service, point.Instance) && request.ApiKey == (IsTransactional(point) ? KafkaKeys.EndTxn : KafkaKeys.OffsetCommit);

    private static short BeginKey(ChaosPoint point) => IsTransactional(point) ? KafkaKeys.InitProducerId : KafkaKeys.OffsetFetch;

    /// <summary>What the Kinesis sink commits is positions alone, but for dead letters.</summary>
    private static bool IsTransactional(ChaosPoint point) => point.Service != KafkaServices.KinesisSink;

    private static int UnknownsOf(string output) => output.Split(UnknownMark).Length;
}
