namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>
/// The two buffers of a part's size that a destination has for its large files, one of them at a
/// time: a part is sent from one while the next is rendered into the other.
/// </summary>
internal sealed class PartBuffers(int partBytes) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private byte[][]? _buffers;

    public int PartBytes => partBytes;

    /// <summary>Waits for the buffers; whoever has them gives them back.</summary>
    public async Task<byte[][]> TakeAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        return _buffers ??= [new byte[partBytes], new byte[partBytes]];
    }

    public void GiveBack() => _turn.Release();

    public void Dispose() => _turn.Dispose();
}
