namespace CohortPipeline.Benchmarks;

/// <summary>
/// Something worth measuring. A class with this interface and no constructor arguments is found by the runner;
/// <c>dotnet run -c Release --project tests/Benchmarks -- name</c> runs it.
/// </summary>
public interface IBenchmark
{
    /// <summary>First argument of the command line, and the file under <c>docs/benchmarks</c>.</summary>
    string Name { get; }

    string Title { get; }

    /// <summary>What is done, with what data, how often: enough to do it again elsewhere. Markdown.</summary>
    string Workload { get; }

    /// <summary>Runs everything, and answers the table's rows in order.</summary>
    IEnumerable<BenchmarkRow> Run();
}

/// <summary>One line of a benchmark's table.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Baseline">The case to compare with; null for a baseline itself.</param>
/// <param name="Records">Records of one round.</param>
/// <param name="Rounds">Each round's measurement.</param>
public sealed record BenchmarkRow(string Case, string? Baseline, long Records, IReadOnlyList<Measurement> Rounds)
{
    /// <summary>Rounds on a shared machine differ: the median says what to expect.</summary>
    public double PerSecond => Median(Rounds.Select(round => Records / round.Elapsed.TotalSeconds));

    public double Slowest => Rounds.Min(round => Records / round.Elapsed.TotalSeconds);

    public double Fastest => Rounds.Max(round => Records / round.Elapsed.TotalSeconds);

    public double AllocatedPerRecord => Median(Rounds.Select(round => (double)round.AllocatedBytes / Records));

    public double CpuMicrosecondsPerRecord => Median(Rounds.Select(round => round.Cpu.TotalMicroseconds / Records));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>
/// One round: how long it took, the processor time of all threads (which another program on the machine changes least),
/// and what the managed heap gave for it.
/// </summary>
public readonly record struct Measurement(TimeSpan Elapsed, TimeSpan Cpu, long AllocatedBytes)
{
    public static Measurement operator +(Measurement left, Measurement right) =>
        new(left.Elapsed + right.Elapsed, left.Cpu + right.Cpu, left.AllocatedBytes + right.AllocatedBytes);

    public static Measurement Of(Action work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        work();
        var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(started);
        return new(elapsed, Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
