using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CohortPipeline.Benchmarks;

/// <summary>Finds the benchmark that the command line names, runs it and prints its table; <c>--write FOLDER</c> also writes the page.</summary>
public static class BenchmarkRunner
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int WrongUse = 2;

    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var known = Find();
        var chosen = known.Where(benchmark => args is [var name, ..] && (name == benchmark.Name || name == "all")).ToList();
        if (chosen.Count == 0 || args is not ([_] or [_, "--write", _]))
        {
            errors.WriteLine($"usage: dotnet run -c Release --project tests/Benchmarks -- {string.Join('|', known.Select(benchmark => benchmark.Name))}|all [--write docs/benchmarks]");
            return WrongUse;
        }

        var exitCode = Ok;
        foreach (var benchmark in chosen)
        {
            errors.WriteLine($"{benchmark.Title} …");
            var report = benchmark.Run();
            var page = PageOf(benchmark, report);
            output.WriteLine(page);
            if (args is [_, _, var folder])
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, $"{benchmark.Name}.md"), page);
            }

            if (report.Fault is not null)
            {
                errors.WriteLine($"{benchmark.Name}: {report.Fault}");
                exitCode = Failed;
            }

            if (report.Summary is not null)
                output.WriteLine($"{benchmark.Name}: {report.Summary}");
        }

        return exitCode;
    }

    private static List<IBenchmark> Find() =>
        [.. typeof(BenchmarkRunner).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBenchmark)))
            .Select(type => (IBenchmark)Activator.CreateInstance(type)!)
            .OrderBy(benchmark => benchmark.Name, StringComparer.Ordinal)];

    private static string PageOf(IBenchmark benchmark, BenchmarkReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {benchmark.Title}\n\n{benchmark.Workload.Trim()}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Run with `make bench WHAT={benchmark.Name}`. ");
        page.Append(CultureInfo.InvariantCulture, $"Here: {Environment.ProcessorCount} cores ({RuntimeInformation.OSArchitecture}), {RuntimeInformation.FrameworkDescription}, ");
        page.Append("a shared machine: trust the ratios more than the figures.\n\n");
        if (report.Rows.Count > 0)
            AppendTable(page, report.Rows);
        foreach (var note in report.Notes)
            page.Append(CultureInfo.InvariantCulture, $"\n{note.Trim()}\n");
        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<BenchmarkRow> rows)
    {
        var hasLatency = rows.Any(row => row.Latency is not null);
        page.Append("| case | records/s (median) | slowest to fastest round | ratio | of | CPU µs/record | allocated B/record |");
        page.Append(hasLatency ? " at records/s | median ms | p99 ms |\n" : "\n");
        page.Append("| --- | ---: | ---: | ---: | --- | ---: | ---: |");
        page.Append(hasLatency ? " ---: | ---: | ---: |\n" : "\n");
        foreach (var row in rows)
        {
            var baseline = rows.FirstOrDefault(other => other.Case == row.Baseline);
            var ratio = baseline is null ? "1.00" : (row.PerSecond / baseline.PerSecond).ToString("0.00", CultureInfo.InvariantCulture);
            page.Append(CultureInfo.InvariantCulture, $"| {row.Case} | {row.PerSecond:N0} | {row.Slowest:N0} – {row.Fastest:N0} | {ratio} | {row.Baseline ?? "itself"} | {row.CpuMicrosecondsPerRecord:0.00} | {row.AllocatedPerRecord:0.0} |");
            if (row.Latency is { } latency)
                page.Append(CultureInfo.InvariantCulture, $" {latency.RatePerSecond:N0} | {latency.Median.TotalMilliseconds:0.0} | {latency.P99.TotalMilliseconds:0.0} |");
            else if (hasLatency)
                page.Append(" | | |");
            page.Append('\n');
        }
    }
}
