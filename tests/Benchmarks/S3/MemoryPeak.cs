using System.Globalization;

namespace CohortPipeline.Benchmarks.S3;

/// <summary>The most memory that a process had, read from outside.</summary>
/// <param name="OwnBytes">Managed and native: all but the files that are mapped, which are the programs themselves.</param>
/// <param name="ResidentBytes">With those.</param>
internal sealed record MemoryPeak(long OwnBytes, long ResidentBytes)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks at a process until <paramref name="stop"/>, and once more.</summary>
    public static async Task<MemoryPeak> WatchAsync(int processId, CancellationToken stop)
    {
        var peak = new MemoryPeak(0, 0);
        while (!stop.IsCancellationRequested)
        {
            peak = peak.With(processId);
            await Task.Delay(Interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return peak.With(processId);
    }

    private MemoryPeak With(int processId)
    {
        var lines = File.ReadAllLines($"/proc/{processId}/status");
        return new(Math.Max(OwnBytes, BytesIn(lines, "RssAnon:") + BytesIn(lines, "RssShmem:")), BytesIn(lines, "VmHWM:"));
    }

    private static long BytesIn(string[] lines, string name) =>
        1024 * long.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..^"kB".Length], CultureInfo.InvariantCulture);
}
