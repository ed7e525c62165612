using System.Diagnostics;

namespace CohortPipeline.TestKit.Processes;

/// <summary>A server that a test run starts, and that ends with the run even if the run is killed. What it writes goes to a file.</summary>
public sealed class GuardedProcess : IAsyncDisposable
{
    /// <summary>Starts a program in the background and kills it when standard input ends, which it does with the process that holds it.</summary>
    private const string GuardScript = """
        exec 3<&0 2>/dev/null
        "$0" "$@" 3<&- </dev/null >"$GUARDED_OUTPUT" 2>&1 &
        server=$!
        (cat <&3; kill -9 $server) >/dev/null 2>&1 &
        guard=$!
        wait $server
        kill $guard 2>/dev/null
        """;

    private readonly Process _guard;
    private readonly string _outputFile;

    private GuardedProcess(Process guard, string outputFile)
    {
        _guard = guard;
        _outputFile = outputFile;
    }

    public bool HasExited => _guard.HasExited;

    /// <summary>What the server has written so far.</summary>
    public string Output => File.Exists(_outputFile) ? File.ReadAllText(_outputFile) : "";

    public static GuardedProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string outputFile)
    {
        var start = new ProcessStartInfo("sh", ["-c", GuardScript, program, .. arguments]) { RedirectStandardInput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment["GUARDED_OUTPUT"] = outputFile;
        return new(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"), outputFile);
    }

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }
}
