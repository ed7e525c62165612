using Xunit;

namespace CohortPipeline.TestKit.Aws;

/// <summary>
/// The AWS services of a test run, an assembly fixture: started when the first test asks for them, and shared by all. It
/// checks no signatures and no policies; a test that wants that starts a <see cref="MotoServer"/> of its own.
/// </summary>
public sealed class SharedMoto : IAsyncLifetime
{
    private readonly Lazy<Task<MotoServer>> _server = new(() => MotoServer.StartAsync());

    /// <summary>Skips the test where there is none.</summary>
    public Task<MotoServer> ServerAsync() => _server.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }
}
