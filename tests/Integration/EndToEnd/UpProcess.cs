using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary><c>cohortctl up</c> on an embedded log, as a process of its own.</summary>
internal sealed class UpProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    private readonly int _port = Ports.Free();
    private readonly ServiceProcess _process;

    public UpProcess(PipelineSettings settings, string folder)
    {
        _process = ServiceProcess.Start("cohortctl", new Dictionary<string, string>(), ["up", "--data", folder, .. settings.Arguments(_port)]);
        Control = new(_port);
    }

    public ControlApi Control { get; }

    public string Output => _process.Output;

    /// <summary>What <c>/health</c> says, ready or not.</summary>
    public async Task<string> HealthAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/health"), cancellation);
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    public Task ReadyAsync(CancellationToken cancellation) => _process.ReadyAsync(_port, StartTimeout, cancellation);

    /// <summary>kill -9.</summary>
    public Task KillAsync(CancellationToken cancellation) => _process.KillAsync(cancellation);

    /// <summary>SIGTERM; answers the exit code.</summary>
    public Task<int> StopAsync(CancellationToken cancellation) => _process.StopAsync(StopTimeout, cancellation);

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        await _process.DisposeAsync();
    }
}
