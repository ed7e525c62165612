using System.Globalization;
using System.Text;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Memory;

namespace CohortPipeline.Benchmarks.Memory;

/// <summary>How much memory each service takes at its peak where something could make it hold ever more.</summary>
public sealed class MemoryBenchmark : IBenchmark
{
    private const string RecordsVariable = "RECORDS";
    private const int RecordsDefault = 20_000_000;
    private const int Users = 1_000_000;
    private const int HotRecords = 2_000_000;
    private const double HotShare = 0.9;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(30);

    private readonly int _records = RecordsFrom(Environment.GetEnvironmentVariable(RecordsVariable));

    public string Name => "memory";

    public string Title => "Memory at its peak";

    public string Workload =>
        $"""
        Each service is a process of its own with the settings that it has when nobody sets any: one lane, {ServiceScene.DefaultPartitions} partitions, `Pipeline:BufferBytes` {MemoryAllowance.Default.BufferBytes / MemoryAllowance.MiB} MiB,
        `Sink:BudgetBytes` {MemoryAllowance.Default.BudgetBytes / MemoryAllowance.MiB} MiB. The peak is the system's own count of the most that was resident (`VmHWM` of `/proc/PID/status`): heap, native memory, code, all of it. The bound is that of
        [memory](../memory.md), profiles counted.

        {_records:N0} records (`make bench WHAT=memory {RecordsVariable}=2000000` for others) of {Users:N0} users wait in the producers' topic when ingest starts, then in `activity` when the evaluator starts with 10 cohorts; then it starts anew
        and restores. {HotRecords:N0} records wait of which {HotShare:P0} are of one key. Events come that make their users members of 10,000 cohorts at once. Sinks find a backlog, and a destination that takes requests and answers none, or takes all;
        their peak is read once they take nothing more in, or have sent everything.
        """;

    public BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    private async Task<BenchmarkReport> RunAsync()
    {
        var kafka = new SharedKafka();
        try
        {
            var (servers, whyNot) = await kafka.FindAsync();
            if (servers is null)
                return new([]) { Notes = [$"Kafka was left out: {whyNot}."] };
            var peaks = await PeaksAsync(servers, MemoryAllowance.Default);
            return new([])
            {
                Notes = [Table(peaks)],
                Summary = $"{peaks.Count(peak => peak.IsWithinBound)} of {peaks.Count} peaks within their bounds",
            };
        }
        finally
        {
            await kafka.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<MemoryPeak>> PeaksAsync(string servers, MemoryAllowance allowance) =>
    [
        .. await new BacklogScene($"{_records:N0} records wait", _records, Users, HotShare: 0).RunAsync(servers, allowance, Deadline, CancellationToken.None),
        .. await new BacklogScene($"{HotRecords:N0} records wait, {HotShare:P0} of one key", HotRecords, Users / 10, HotShare).RunAsync(servers, allowance, Deadline, CancellationToken.None),
        await new ManyDeltasScene(Cohorts: 10_000, Events: 200).RunAsync(servers, allowance, Deadline, CancellationToken.None),
        await BackloggedSink.OfStillStreamAsync(servers, allowance, deltas: 1_000_000, noteBytes: 200, Deadline, CancellationToken.None),
        await BackloggedSink.OfStillStreamAsync(servers, allowance, deltas: 5_000, noteBytes: 100_000, Deadline, CancellationToken.None),
        await BackloggedSink.OfFastStreamAsync(servers, allowance, deltas: 1_000_000, noteBytes: 200, Deadline, CancellationToken.None),
        await BackloggedSink.OfFastStreamAsync(servers, allowance, deltas: 5_000, noteBytes: 100_000, Deadline, CancellationToken.None),
        await BackloggedSink.OfStillBucketAsync(servers, allowance, cohorts: 10, members: 50_000, Deadline, CancellationToken.None),
    ];

    private static string Table(IReadOnlyList<MemoryPeak> peaks)
    {
        var table = new StringBuilder("| service | scene | peak, MiB | bound, MiB |\n| --- | --- | ---: | ---: |\n");
        foreach (var peak in peaks)
            table.Append(CultureInfo.InvariantCulture, $"| {peak.Service} | {peak.Scene} | {peak.Bytes / MemoryAllowance.MiB:N0} | {peak.BoundBytes / MemoryAllowance.MiB:N0} |\n");
        return table.ToString();
    }

    private static int RecordsFrom(string? text) =>
        string.IsNullOrEmpty(text) ? RecordsDefault : int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
