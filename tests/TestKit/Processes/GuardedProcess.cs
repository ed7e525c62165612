using System.Diagnostics;

namespace CohortPipeline.TestKit.Processes;

/// <summary>A server that a test run starts, and that ends with the run even if the run is killed. What it writes goes to a file.</summary>
public sealed class GuardedProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _outputFile;

    private GuardedProcess(Process process, string outputFile)
    {
        _process = process;
        _outputFile = outputFile;
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What the server has written so far.</summary>
    public string Output => File.Exists(_outputFile) ? File.ReadAllText(_outputFile) : "";

    public static GuardedProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string outputFile)
    {
        var start = Guard.Of(program, arguments, environment, outputFile);
        return new(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"), outputFile);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
