using System.Net.Sockets;
using Amazon.Runtime;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// The session of a destination's role. It is renewed in the background before it ends, so that no request waits for STS; one
/// call a session.
/// </summary>
internal sealed class SessionCredentials : IAsyncDisposable
{
    private readonly ISessionSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Session? _current;
    private Task _renewing = Task.CompletedTask;

    public SessionCredentials(ISessionSource source, TimeProvider time, ILogger logger)
    {
        _source = source;
        _time = time;
        _logger = logger;
        Credentials = new ClientCredentials(this);
    }

    /// <summary>What a client signs with.</summary>
    public AWSCredentials Credentials { get; }

    /// <summary>The session, which is assumed now if there is none or it has ended. Throws what STS answered.</summary>
    public Task<Session> CurrentAsync(CancellationToken cancellation)
    {
        var session = Volatile.Read(ref _current);
        return session is not null && session.ExpiresAt > _time.GetUtcNow() ? Task.FromResult(session) : RenewAsync(session, cancellation);
    }

    /// <summary>A session newer than <paramref name="seen"/>: whoever asks first assumes it, the others get the same.</summary>
    public async Task<Session> RenewAsync(Session? seen, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_current is { } current && current != seen)
                return current;
            var assumedAt = _time.GetUtcNow();
            var next = await _source.AssumeAsync(cancellation) with { AssumedAt = assumedAt };
            Volatile.Write(ref _current, next);
            KinesisMetrics.SessionAssumed(_source.DestinationId, next.ExpiresAt);
            LogEvents.SessionAssumed(_logger, next.ExpiresAt);
            if (seen is null)
                _renewing = Task.Run(() => KeepRenewing(_stop.Token), CancellationToken.None);
            return next;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _gate.Dispose();
        _source.Dispose();
    }

    private async Task KeepRenewing(CancellationToken stop)
    {
        for (var attempt = 0; !stop.IsCancellationRequested;)
        {
            var session = Volatile.Read(ref _current)!;
            var wait = attempt == 0 ? Later(session.RenewAt - _time.GetUtcNow()) : Backoff.Delay(attempt, Random.Shared.NextDouble());
            await Task.Delay(wait, _time, stop);
            try
            {
                await RenewAsync(session, stop);
                attempt = 0;
            }
            catch (Exception exception) when (exception is AmazonServiceException or AmazonClientException or HttpRequestException or SocketException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                // The session in hand goes on until it ends; then the sender meets the same answer and parks with it.
                attempt++;
                LogEvents.RenewalFailed(_logger, exception.Message);
            }
        }
    }

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private sealed class ClientCredentials(SessionCredentials owner) : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials() => GetCredentialsAsync().GetAwaiter().GetResult();

        public override async Task<ImmutableCredentials> GetCredentialsAsync() => (await owner.CurrentAsync(CancellationToken.None)).Credentials;
    }
}
