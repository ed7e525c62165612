using System.Diagnostics;
using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;

namespace CohortPipeline.Tests.Integration.Embedded;

/// <summary>
/// A process that commits without pause until it is killed. Commit number n appends <see cref="RecordsPerPartition"/>
/// records to each partition of the output, and moves the input's position to n; after it stands, the process prints n.
/// </summary>
internal sealed class AppendingProcess : IDisposable
{
    public const string Verb = "append-until-killed";
    public const string Group = "appender";
    public const int Partitions = 3;
    public const int RecordsPerPartition = 40;
    private const int ValueBytes = 2_000;

    public static readonly TopicSpec Input = new("input", 1, TopicCleanup.Delete);
    public static readonly TopicSpec Output = new("output", Partitions, TopicCleanup.Delete);

    private readonly Process _process;

    private AppendingProcess(Process process) => _process = process;

    /// <summary>The process's side.</summary>
    public static int Run(string folder)
    {
        var log = EmbeddedLog.Open(folder, TimeProvider.System);
        log.Admin.CreateAsync(Input, CancellationToken.None).GetAwaiter().GetResult();
        log.Admin.CreateAsync(Output, CancellationToken.None).GetAwaiter().GetResult();
        var reader = log.OpenReader(new(Group));
        reader.Assign([new(Input.Name, 0, 0)]);
        var writer = log.OpenWriter("appender");
        var output = writer.Topic(Output.Name);
        for (var number = Math.Max(0, reader.Committed([new(Input.Name, 0)])[0].Offset) + 1; ; number++)
        {
            var value = Encoding.UTF8.GetBytes($"{number}".PadRight(ValueBytes));
            for (var record = 0; record < Partitions * RecordsPerPartition; record++)
                writer.Append(output, record % Partitions, Bytes.Null, value);
            var outcome = writer.Commit(reader, [new(Input.Name, 0, number, $"commit {number}")]);
            if (outcome != CommitOutcome.Committed)
                return 1;
            Console.WriteLine(number);
        }
    }

    /// <summary>The test's side.</summary>
    public static AppendingProcess Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(AppendingProcess).Assembly.Location, Verb, folder]) { RedirectStandardOutput = true };
        return new(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start"));
    }

    /// <summary>Waits until so many commits have been told; answers the last one's number.</summary>
    public async Task<long> CommitsAsync(int count, CancellationToken cancellation)
    {
        var last = "";
        for (; count > 0; count--)
            last = await _process.StandardOutput.ReadLineAsync(cancellation) ?? throw new InvalidOperationException("the process ended by itself");
        return long.Parse(last, CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL: nothing of the process runs any more when this returns.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
