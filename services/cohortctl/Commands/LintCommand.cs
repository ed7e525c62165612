using System.CommandLine;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Lint;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class LintCommand
{
    /// <summary>What lint found; the lists are empty where all is well.</summary>
    /// <param name="Conflicts">What is wrong between definitions, whatever files they are in.</param>
    private sealed record Findings(int Files, int Definitions, IReadOnlyList<DefinitionError> Errors, IReadOnlyList<string> Conflicts, IReadOnlyList<LintWarning> Warnings);

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files of definitions, or folders of them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("lint", "Shows every error of every file, and what is rarely meant, in place, without a pipeline") { paths };
        command.Runs((parsed, report, _) =>
        {
            var files = InputFiles.Read(parsed.GetValue(paths)!);
            var results = files.Select(file => DefinitionParser.Parse(file.Text, file.Name)).ToArray();
            var definitions = results.SelectMany(result => result.Definitions).ToArray();
            var findings = new Findings(
                results.Length,
                definitions.Length,
                [.. results.SelectMany(result => result.Errors)],
                [.. CohortCtl.Definitions.Repeated(definitions), .. CohortReferences.Circles(definitions.DistinctBy(definition => definition.Id).ToDictionary(definition => definition.Id, CohortReferences.Of))],
                [.. files.SelectMany(file => DefinitionLint.Check(file.Text, file.Name))]);
            report.Show(findings, Print);
            return Task.FromResult(findings.Errors.Count + findings.Conflicts.Count == 0 ? ExitCodes.Done : ExitCodes.Refused);
        });
        return command;
    }

    private static void Print(IAnsiConsole console, Findings findings)
    {
        // As they are, a finding a line, whatever width the console has.
        var output = console.Profile.Out.Writer;
        foreach (var error in findings.Errors)
            output.WriteLine(error);
        foreach (var conflict in findings.Conflicts)
            output.WriteLine(conflict);
        foreach (var warning in findings.Warnings)
            output.WriteLine(warning);
        output.WriteLine($"{findings.Definitions} definitions in {findings.Files} files, {findings.Errors.Count + findings.Conflicts.Count} errors, {findings.Warnings.Count} warnings");
    }
}
