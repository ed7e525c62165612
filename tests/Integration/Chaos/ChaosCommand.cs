using System.Runtime.InteropServices;
using CohortPipeline.TestKit.Kafka;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary><c>make chaos</c>: a line that lives while the run goes on, a summary as the last line, exit code 1 on a fault.</summary>
internal static class ChaosCommand
{
    public const string Verb = "chaos";

    private const int LineWidth = 120;

    public static async Task<int> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            // The services and the broker end with the run.
            signal.Cancel = true;
            stop.Cancel();
        });
        await using var kafka = new SharedKafka();
        try
        {
            var summary = await new ChaosRun(kafka, ChaosOptions.FromEnvironment(), new Lines()).RunAsync(stop.Token);
            Console.WriteLine($"\nchaos: {summary}");
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("\nchaos: stopped before its end");
            return 1;
        }
        catch (Exception exception)
        {
            Console.WriteLine($"\n{(exception is ChaosFault ? exception.Message : exception)}\nchaos: 1 fault");
            return 1;
        }
    }

    /// <summary>One line that changes; where nobody watches, a line each.</summary>
    private sealed class Lines : IProgress<ChaosProgress>
    {
        public void Report(ChaosProgress value)
        {
            if (Console.IsOutputRedirected)
                Console.WriteLine(value);
            else
                Console.Write($"\r{value.ToString().PadRight(LineWidth)}");
        }
    }
}
