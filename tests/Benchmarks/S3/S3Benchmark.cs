using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;

namespace CohortPipeline.Benchmarks.S3;

/// <summary>A first sync to S3: how fast the members are folded in and published, and how much memory that takes.</summary>
public sealed class S3Benchmark : IBenchmark
{
    private const long DefaultRows = 2_000_000;
    private const long RowsOfSeveralRounds = 5_000_000;
    private const int RoundsOfFew = 3;

    private static readonly long Rows = long.Parse(Environment.GetEnvironmentVariable("ROWS") ?? $"{DefaultRows}", CultureInfo.InvariantCulture);

    private static int Rounds => Rows <= RowsOfSeveralRounds ? RoundsOfFew : 1;

    public string Name => "s3";

    public string Title => "A first sync to S3";

    public string Workload =>
        $"""
        The sink as in production, but for the log: {Rows:N0} members of one cohort, rows of 290 B in an order that has nothing to do with that of their keys, made as they are read.
        *fold*: from the first row to the last, into the sorted store on disk. *publish*: from the boundary to `done`: plan, three files with four columns (all rows in `entering`), manifest, state. {Rounds} round(s), each a process of
        its own, whose memory is read from outside. The server works on the same cores; its processor time is not in the table.
        `make bench WHAT=s3 ROWS=50000000` is the large one.
        """;

    public BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync()
    {
        var targets = new List<Target>();
        await using var gateway = new VersityGateway();
        if (Repository.BesideOrNull("tools", "versitygw") is not null)
            targets.Add(await GatewayAsync(gateway));
        var folder = Directory.CreateTempSubdirectory("bench-s3-objects-").FullName;
        if (targets.Count == 0 || Rows <= RowsOfSeveralRounds)
            targets.Add(new("a folder", $"file:{folder}", "", folder));

        var rows = new List<BenchmarkRow>();
        var peaks = new List<(string Target, MemoryPeak Peak)>();
        foreach (var target in targets)
            peaks.Add((target.Name, Measure(target, rows)));
        Directory.Delete(folder, recursive: true);
        return new(rows)
        {
            Notes = [.. peaks.Select(peak =>
                $"Peak memory, {peak.Target}: {Megabytes(peak.Peak.OwnBytes)} MB managed and native (`RssAnon` and `RssShmem`, looked at every {MemoryPeak.Interval.TotalMilliseconds:0} ms), {Megabytes(peak.Peak.ResidentBytes)} MB with the programs' files that are mapped (`VmHWM`).")],
            Summary = string.Create(CultureInfo.InvariantCulture, $"{rows[1].PerSecond:N0} rows/s, peak {Megabytes(peaks.Max(peak => peak.Peak.OwnBytes))} MB"),
        };
    }

    private static async Task<Target> GatewayAsync(VersityGateway gateway)
    {
        var address = await gateway.AddressAsync();
        return new("a strict S3 server (versitygw)", address.ToString(), "bench", gateway.CreateBucket("bench"));
    }

    /// <summary>Adds the rows of a target; answers the highest peaks.</summary>
    private static MemoryPeak Measure(Target target, List<BenchmarkRow> rows)
    {
        var rounds = new List<(SyncMeasured Measured, MemoryPeak Peak)>();
        for (var round = 0; round < Rounds; round++)
        {
            rounds.Add(RunProcess(target));
            Check(target.Folder);
            foreach (var file in Directory.GetFiles(target.Folder))
                File.Delete(file);
        }

        rows.Add(new($"fold, to {target.Name}", Baseline: null, [.. rounds.Select(round => round.Measured.Folded)]));
        rows.Add(new($"publish, to {target.Name}", rows[^1].Case, [.. rounds.Select(round => round.Measured.Published)]));
        return new(rounds.Max(round => round.Peak.OwnBytes), rounds.Max(round => round.Peak.ResidentBytes));
    }

    private static (SyncMeasured Measured, MemoryPeak Peak) RunProcess(Target target)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(S3Benchmark).Assembly.Location, S3SyncProcess.Verb, $"{Rows}", target.Endpoint, target.Bucket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        using var said = new CancellationTokenSource();
        var watching = Task.Run(() => MemoryPeak.WatchAsync(process.Id, said.Token));
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the sync's process ended without a word");
        said.Cancel();
        var peak = watching.GetAwaiter().GetResult();
        process.StandardInput.WriteLine();
        process.WaitForExit();
        return (SyncMeasured.Parse(line), peak);
    }

    /// <summary>A sync that did not publish everything measures nothing.</summary>
    private static void Check(string folder)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, S3SyncProcess.Manifest)));
        var entering = manifest.RootElement.GetProperty("files")[0];
        var length = new FileInfo(Path.Combine(folder, entering.GetProperty("key").GetString()!)).Length;
        if (entering.GetProperty("rows").GetInt64() != Rows || entering.GetProperty("bytes").GetInt64() != length)
            throw new InvalidOperationException($"found {entering} and a file of {length} bytes, expected {Rows} rows");
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);

    private sealed record Target(string Name, string Endpoint, string Bucket, string Folder);
}
