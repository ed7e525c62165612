using Spectre.Console;

namespace CohortPipeline.CohortCtl;

/// <summary>Shows beside the results, on standard error, how much of a file has been read: a bar on a terminal, else a line.</summary>
internal static class ReadingProgress
{
    public static void Run(string name, long length, Action<Action<long>> read)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine($"reading {name}");
            read(_ => { });
            return;
        }

        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().Start(progress =>
        {
            var task = progress.AddTask(name.EscapeMarkup(), maxValue: Math.Max(1, length));
            read(bytes => task.Value = bytes);
            task.Value = task.MaxValue;
        });
    }
}
