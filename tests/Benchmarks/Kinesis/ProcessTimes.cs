using System.Globalization;

namespace CohortPipeline.Benchmarks.Kinesis;

/// <summary>Processor time as the system counts it, of whole processes and of this one's parts.</summary>
internal static class ProcessTimes
{
    public const string Loop = "loop";
    public const string Calls = "calls";
    public const string Client = "librdkafka";
    public const string Runtime = "runtime";

    /// <summary>The parts that <see cref="OfParts"/> tells apart, in order.</summary>
    public static readonly string[] Parts = [Loop, Calls, Client, Runtime];

    /// <summary>What a thread is called that is the sink's loop.</summary>
    public const string LoopThread = "sink-loop";

    private const long TicksPerJiffy = TimeSpan.TicksPerSecond / 100;

    /// <summary>Of a file such as <c>/proc/1/stat</c>.</summary>
    public static TimeSpan Of(string statFile)
    {
        // The name, in brackets, may have blanks; behind it the times are the 12th and 13th field.
        var text = File.ReadAllText(statFile);
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new(TicksPerJiffy * (Number(fields[11]) + Number(fields[12])));
    }

    /// <summary>This process's threads: the sink's loop, the threads that carry its calls, librdkafka's, and the runtime's (collector, compiler).</summary>
    public static Dictionary<string, TimeSpan> OfParts()
    {
        var parts = Parts.ToDictionary(part => part, _ => TimeSpan.Zero);
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                parts[PartOf(File.ReadAllText($"{thread}/comm").Trim())] += Of($"{thread}/stat");
            }
            catch (IOException)
            {
                // It ended in this moment.
            }
        }

        return parts;
    }

    private static string PartOf(string thread) => thread switch
    {
        LoopThread => Loop,
        _ when thread.StartsWith("rdk:", StringComparison.Ordinal) => Client,
        _ when thread.StartsWith(".NET TP", StringComparison.Ordinal) || thread.StartsWith(".NET Socket", StringComparison.Ordinal) => Calls,
        _ => Runtime,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
