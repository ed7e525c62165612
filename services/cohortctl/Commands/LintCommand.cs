using System.CommandLine;
using CohortPipeline.Rules.Definitions;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class LintCommand
{
    /// <summary>What lint found; <paramref name="Errors"/> is empty where all is well.</summary>
    private sealed record Findings(int Files, int Definitions, IReadOnlyList<DefinitionError> Errors);

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files of definitions, or folders of them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("lint", "Shows every error of every file, in place, without a pipeline") { paths };
        command.Runs((parsed, report, _) =>
        {
            var results = InputFiles.Read(parsed.GetValue(paths)!).Select(file => DefinitionParser.Parse(file.Text, file.Name)).ToArray();
            var findings = new Findings(results.Length, results.Sum(result => result.Definitions.Length), [.. results.SelectMany(result => result.Errors)]);
            report.Show(findings, (console, found) =>
            {
                foreach (var error in found.Errors)
                    console.WriteLine(error.ToString());
                console.WriteLine($"{found.Definitions} definitions in {found.Files} files, {found.Errors.Count} errors");
            });
            return Task.FromResult(findings.Errors.Count == 0 ? ExitCodes.Done : ExitCodes.Refused);
        });
        return command;
    }
}
