using System.Text.Json;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

/// <summary>How results are printed: tables and sentences for people, JSON with <c>-o json</c>.</summary>
internal sealed class Report(bool json, TextWriter output, TextWriter errors)
{
    /// <summary>A file or pipe has no width of its own: wide enough that no sentence is broken.</summary>
    private const int RedirectedWidth = 240;

    public bool IsJson { get; } = json;

    /// <summary>The same on standard error, for a command whose result is on standard output.</summary>
    public Report Aside => new(IsJson, errors, errors);

    /// <summary>Prints the value as JSON, or what <paramref name="forPeople"/> makes of it.</summary>
    public void Show<T>(T value, Action<IAnsiConsole, T> forPeople)
    {
        if (IsJson)
            output.WriteLine(JsonSerializer.Serialize(value, IndentedJson.Options));
        else
            forPeople(Console(), value);
    }

    public void Fail(string title, IReadOnlyList<string> details)
    {
        if (IsJson)
        {
            output.WriteLine(JsonSerializer.Serialize(new { error = title, errors = details }, IndentedJson.Options));
            return;
        }

        errors.WriteLine(title);
        foreach (var detail in details)
            errors.WriteLine($"  {detail}");
    }

    private IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) });
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = RedirectedWidth;
        return console;
    }
}
