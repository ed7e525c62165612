using System.CommandLine;
using CohortPipeline.Backtest;
using CohortPipeline.Rules.Definitions;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class TestCommand
{
    /// <summary>What one case came to; <paramref name="Differences"/> is empty where it passed.</summary>
    private sealed record Outcome(string File, string Case, bool Passed, IReadOnlyList<string> Differences);

    private sealed record Findings(int Files, int Passed, int Failed, IReadOnlyList<DefinitionError> Errors, IReadOnlyList<Outcome> Cases);

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files *.cohort-test.yaml, or folders of them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("test", "Holds definitions against cases: records, and the deltas that must come of them") { paths };
        command.Runs((parsed, report, _) =>
        {
            var findings = Run(InputFiles.ReadTests(parsed.GetValue(paths)!));
            report.Show(findings, Show);
            return Task.FromResult(findings.Failed + findings.Errors.Count == 0 ? ExitCodes.Done : ExitCodes.Refused);
        });
        return command;
    }

    private static Findings Run(IReadOnlyList<(string Name, string Text)> files)
    {
        var errors = new List<DefinitionError>();
        var outcomes = new List<Outcome>();
        foreach (var (name, text) in files)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(name))!;
            var reading = CohortTestReader.Read(text, name, path => ReadCohorts(Path.Combine(folder, path)));
            errors.AddRange(reading.Errors);
            if (reading.File is { } file)
                outcomes.AddRange(Run(file));
        }

        return new(files.Count, outcomes.Count(outcome => outcome.Passed), outcomes.Count(outcome => !outcome.Passed), errors, outcomes);
    }

    private static IEnumerable<Outcome> Run(CohortTestFile file)
    {
        try
        {
            return CohortTestRun.Run(file).Select(result => new Outcome(file.Name, result.Name, result.Passed, result.Differences));
        }
        catch (InvalidOperationException exception)
        {
            throw new InputFileException($"{file.Name}: {exception.Message}");
        }
    }

    private static IReadOnlyList<Rules.Definitions.ParseResult> ReadCohorts(string path)
    {
        try
        {
            return Definitions.Parse([path]);
        }
        catch (InputFileException exception)
        {
            throw new IOException(exception.Message);
        }
    }

    private static void Show(IAnsiConsole console, Findings findings)
    {
        foreach (var error in findings.Errors)
            console.WriteLine(error.ToString());
        foreach (var outcome in findings.Cases)
        {
            console.MarkupLineInterpolated($"{(outcome.Passed ? "passed" : "FAILED")} {outcome.File}: {outcome.Case}");
            foreach (var difference in outcome.Differences)
                console.WriteLine($"    {difference}");
        }

        if (findings.Failed > 0)
            console.WriteLine("(- expected, + found)");
        console.WriteLine($"{findings.Passed} passed, {findings.Failed} failed, {findings.Errors.Count} errors in {findings.Files} files");
    }
}
