using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace CohortPipeline.TestKit.Processes;

/// <summary>
/// A service of ours as a process of its own, set up through its environment, as it runs in production. It ends with the
/// process that started it, even if that one is killed.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int OutputCharactersMax = 8_000;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private string? _outputFile;

    private ServiceProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The most memory that it ever had, as the system counts it: everything that was resident, the runtime and native libraries included.</summary>
    public long PeakBytes
    {
        get
        {
            const string Peak = "VmHWM:";
            var line = File.ReadLines($"/proc/{Id}/status").Single(line => line.StartsWith(Peak, StringComparison.Ordinal));
            return long.Parse(line[Peak.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Integer, CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>The newest of what it wrote to its output and error streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts <c>services/&lt;service&gt;</c> as it was built beside the tests.</summary>
    /// <param name="service">The service's folder, such as <c>event-ingest</c>.</param>
    /// <param name="environment">Configuration, with <c>__</c> for levels; added to the test's own environment.</param>
    public static ServiceProcess Start(string service, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartProgram(service, "dotnet", [AssemblyOf(service), .. arguments], environment);

    /// <summary>Starts a service by a command line of the caller's, say as another user.</summary>
    public static ServiceProcess StartProgram(string service, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = Guard.Of(program, arguments, environment);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Repository.Root;
        return new(service, new() { StartInfo = start, EnableRaisingEvents = true });
    }

    /// <summary>From now on all that it writes is added to this file, what is in <see cref="Output"/> first.</summary>
    public void WriteOutputTo(string file)
    {
        lock (_output)
        {
            File.AppendAllText(file, $"--- {Name} as process {Id}{Environment.NewLine}{_output}");
            _outputFile = file;
        }
    }

    /// <summary>SIGSTOP: it does nothing any more and does not know.</summary>
    public void Freeze() => _ = SendSignal(Id, SignalStop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _ = SendSignal(Id, SignalContinue);

    /// <summary>Waits until the service says that it is ready.</summary>
    /// <exception cref="TimeoutException">It was not in time; its output is in the message.</exception>
    public Task ReadyAsync(int port, TimeSpan deadline, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token =>
        {
            if (HasExited)
                throw new InvalidOperationException($"{Name} ended with {ExitCode}:\n{Output}");
            return await IsHealthyAsync(port, token).ConfigureAwait(false) ? null : $"{Name} is not ready:\n{Output}";
        },
        deadline,
        cancellation);

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        if (!HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>SIGTERM, and the wait for the end that follows.</summary>
    public async Task<int> StopAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        if (!HasExited)
            _ = SendSignal(Id, SignalTerminate);
        await Eventually.HoldsAsync(_ => Task.FromResult(HasExited ? null : $"{Name} did not end:\n{Output}"), deadline, cancellation).ConfigureAwait(false);
        return ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync(CancellationToken.None).ConfigureAwait(false);
        _process.Dispose();
    }

    private static async Task<bool> IsHealthyAsync(int port, CancellationToken cancellation)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            // A peer that goes while it is being connected to is a bare socket error.
            return false;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string AssemblyOf(string service)
    {
        var configuration = typeof(ServiceProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var folder = Repository.PathOf("services", service, "bin", configuration, "net10.0");
        var project = Directory.GetFiles(Repository.PathOf("services", service), "*.csproj").Single();
        var settings = Directory.GetFiles(folder, "*.runtimeconfig.json");
        return settings.Length == 1
            ? settings[0].Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal)
            : throw new InvalidOperationException($"{Path.GetFileName(project)} is not built in {folder}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.AppendLine(line);
            if (_outputFile is not null)
                File.AppendAllText(_outputFile, line + Environment.NewLine);
            if (_output.Length > OutputCharactersMax)
                _output.Remove(0, OutputCharactersMax / 2);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);
}
