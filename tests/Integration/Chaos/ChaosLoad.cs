using CohortPipeline.Log;
using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>A producer that publishes all the time. What it could not publish is not missed: the source topics say what was.</summary>
internal sealed class ChaosLoad : IAsyncDisposable
{
    private const int ChunkRecords = 80;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly ShopRun _shop;
    private readonly CancellationTokenSource _stop;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Task _publishing;

    public ChaosLoad(ShopRun shop, CancellationToken cancellation)
    {
        _shop = shop;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _publishing = Task.Run(PublishAsync, CancellationToken.None);
    }

    /// <summary>Nothing is published while this is done.</summary>
    public async Task WithoutAsync(Func<Task> action)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The end; throws what the producer met that it should not have.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _publishing;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task PublishAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                await WithoutAsync(() => Task.Run(PublishChunk));
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private void PublishChunk()
    {
        try
        {
            _shop.PublishChunk(ChunkRecords, (int)Interval.TotalMilliseconds);
        }
        catch (Exception exception) when (exception is LogUnavailableException or InvalidOperationException)
        {
            // The broker is away, or its answer: all of the chunk is there or nothing.
        }
    }
}
