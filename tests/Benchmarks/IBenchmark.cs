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

    /// <summary>Runs everything that this machine has the parts for.</summary>
    BenchmarkReport Run();
}

/// <summary>What a benchmark found: its table's rows in order, and what belongs beside them.</summary>
public sealed record BenchmarkReport(IReadOnlyList<BenchmarkRow> Rows)
{
    /// <summary>Markdown paragraphs under the table.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What must not be and was found, such as a bound that was passed: the run fails with it; null for nothing.</summary>
    public string? Fault { get; init; }

    /// <summary>The result in a line, which ends the output; null for none.</summary>
    public string? Summary { get; init; }
}

/// <summary>One line of a benchmark's table.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Baseline">The case to compare with; null for a baseline itself.</param>
/// <param name="Rounds">Each round's measurement.</param>
public sealed record BenchmarkRow(string Case, string? Baseline, IReadOnlyList<Measurement> Rounds)
{
    /// <summary>From a record's append until its effect can be read, where that was measured.</summary>
    public Latency? Latency { get; init; }

    /// <summary>Rounds on a shared machine differ: the median says what to expect.</summary>
    public double PerSecond => Median(Rounds.Select(round => round.PerSecond));

    public double Slowest => Rounds.Min(round => round.PerSecond);

    public double Fastest => Rounds.Max(round => round.PerSecond);

    public double AllocatedPerRecord => Median(Rounds.Select(round => (double)round.AllocatedBytes / round.Records));

    public double CpuMicrosecondsPerRecord => Median(Rounds.Select(round => round.Cpu.TotalMicroseconds / round.Records));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>
/// One round: how many records it had, how long they took, the processor time of all threads of this process (which another
/// program on the machine changes least), and what the managed heap gave for them.
/// </summary>
public readonly record struct Measurement(long Records, TimeSpan Elapsed, TimeSpan Cpu, long AllocatedBytes)
{
    public double PerSecond => Records / Elapsed.TotalSeconds;

    /// <summary>The same records through both, one after the other.</summary>
    public static Measurement operator +(Measurement left, Measurement right) =>
        new(left.Records, left.Elapsed + right.Elapsed, left.Cpu + right.Cpu, left.AllocatedBytes + right.AllocatedBytes);

    public static Measurement Of(long records, Action work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Meter.Read();
        work();
        return before.Until(Meter.Read(), records);
    }
}

/// <summary>The clocks of this process at an instant.</summary>
public readonly record struct Meter(long Timestamp, TimeSpan Cpu, long AllocatedBytes)
{
    public static Meter Read() =>
        new(System.Diagnostics.Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));

    public Measurement Until(in Meter later, long records) =>
        new(records, System.Diagnostics.Stopwatch.GetElapsedTime(Timestamp, later.Timestamp), later.Cpu - Cpu, later.AllocatedBytes - AllocatedBytes);
}

/// <summary>How long records took at a rate.</summary>
public sealed record Latency(double RatePerSecond, long Samples, TimeSpan Median, TimeSpan P99, TimeSpan Slowest)
{
    public static Latency Of(double ratePerSecond, List<long> ticks)
    {
        ticks.Sort();
        return new(ratePerSecond, ticks.Count, At(0.5), At(0.99), At(1));
        TimeSpan At(double share) => System.Diagnostics.Stopwatch.GetElapsedTime(0, ticks[(int)(share * (ticks.Count - 1))]);
    }
}
