using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary><c>cohortctl up</c> on an embedded log, for the tests of one class.</summary>
public sealed class RunningPipeline : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly int _port = Ports.Free();
    private ServiceProcess? _process;

    public string Folder { get; } = Directory.CreateTempSubdirectory("up-").FullName;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public async ValueTask InitializeAsync()
    {
        _process = ServiceProcess.Start("cohortctl", new Dictionary<string, string>(), "up", "--data", Path.Combine(Folder, "log"), $"--Http:Port={_port}", "--Pipeline:Prefix=shop");
        await _process.ReadyAsync(_port, Deadline, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync(Deadline, CancellationToken.None);
            await _process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Writes a file for a command to read.</summary>
    public string File(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
