using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation;

/// <summary>
/// <c>make simulate</c>: many runs from a first seed on, spread over the cores, each on one thread. It stops at the first
/// fault and tells it; its last line sums up.
/// </summary>
internal static class SimulateCommand
{
    public const string Verb = "simulate";

    private const int Succeeded = 0;
    private const int Failed = 1;
    private const int Misused = 2;
    private const int BarLength = 30;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PlainProgressInterval = TimeSpan.FromSeconds(30);

    public static int Run(string seedText, string runsText)
    {
        if (!int.TryParse(seedText, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            || !int.TryParse(runsText, NumberStyles.None, CultureInfo.InvariantCulture, out var runs) || runs == 0 || seed > int.MaxValue - runs)
        {
            Console.Error.WriteLine($"SEED={seedText} RUNS={runsText}: both are whole numbers, RUNS from 1 up.");
            return Misused;
        }

        var total = new RunCounts();
        RunResult? failed = null;
        var (done, started, told) = (0, Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        var seeds = Partitioner.Create(Enumerable.Range(seed, runs), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (current, state) =>
        {
            var result = SimulatedRun.Run(current);
            lock (total)
            {
                done++;
                total.Add(result.Counts);
                if (result.Fault is not null)
                {
                    failed = failed is null || result.Seed < failed.Seed ? result : failed;
                    state.Stop();
                }

                if (Stopwatch.GetElapsedTime(told) < (Console.IsOutputRedirected ? PlainProgressInterval : ProgressInterval))
                    return;
                told = Stopwatch.GetTimestamp();
                ShowProgress(done, runs, Stopwatch.GetElapsedTime(started));
            }
        });
        if (!Console.IsOutputRedirected)
            Console.Write("\r\u001b[K");
        if (failed is not null)
            Console.WriteLine(FailedRun.Tell(failed));
        var verdict = failed is null ? "no fault" : $"FAULT at seed {failed.Seed}";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"simulate: {verdict} in {done:N0} runs from seed {seed} in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: {total}"));
        return failed is null ? Succeeded : Failed;
    }

    private static void ShowProgress(int done, int runs, TimeSpan elapsed)
    {
        var filled = (int)((long)done * BarLength / runs);
        var left = TimeSpan.FromSeconds(elapsed.TotalSeconds / done * (runs - done));
        var line = string.Create(CultureInfo.InvariantCulture, $"[{new string('#', filled)}{new string('.', BarLength - filled)}] {done:N0} of {runs:N0} runs, {left:hh\\:mm\\:ss} left");
        Console.Write(Console.IsOutputRedirected ? line + "\n" : $"\r{line}\u001b[K");
    }
}
