using System.CommandLine;
using System.Globalization;
using CohortPipeline.Backtest;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class BacktestCommand
{
    public static Command Create()
    {
        var files = BacktestFiles.Options();
        var until = new Option<string?>("--until") { Description = "Brings time to this instant, itself included, after the last record; a date is UTC" };
        var deltas = new Option<string?>("-o") { Description = "File for the deltas, as JSON lines (default: standard output)" };
        var command = new Command("backtest", "Tries definitions on a file of records, without a pipeline: who enters and leaves, and when") { files.Cohorts, files.Input, files.Map, until, deltas };
        command.Runs((parsed, report, _) => Task.FromResult(Run(report, files.Read(parsed), BacktestFiles.InstantOf("--until", parsed.GetValue(until)), parsed.GetValue(deltas))));
        return command;
    }

    private static int Run(Report report, BacktestFiles files, long? until, string? deltasPath)
    {
        using var output = deltasPath is null ? Console.OpenStandardOutput() : Create(deltasPath);
        using var buffered = new BufferedStream(output, 1 << 16);
        using var run = files.Start(delta =>
        {
            buffered.Write(delta);
            buffered.WriteByte((byte)'\n');
        });
        var problems = new List<string>();
        files.ReadAll(run, problems);
        if (until is { } instant)
            run.AdvanceTo(instant);
        buffered.Flush();

        // Where the deltas go to standard output, nothing else does.
        (deltasPath is null ? report.Aside : report).Show(run.Summary, (console, summary) => Show(console, summary, problems));
        return ExitCodes.Done;
    }

    private static void Show(IAnsiConsole console, BacktestSummary summary, List<string> problems)
    {
        var table = Tables.New("cohort", "name").AddColumns(Tables.Number("members"), Tables.Number("enters"), Tables.Number("exits"));
        foreach (var cohort in summary.Cohorts)
            table.AddRow(Tables.Cell(cohort.Id), Tables.Cell(cohort.Name), Tables.Cell(cohort.Members), Tables.Cell(cohort.Enters), Tables.Cell(cohort.Exits));
        console.Write(table);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{summary.Records:N0} records, {summary.Deltas:N0} deltas, {summary.BadRecords:N0} bad records");
        foreach (var problem in problems)
            console.MarkupLineInterpolated($"  {problem}");
        if (summary.BadRecords > problems.Count)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  … and {summary.BadRecords - problems.Count:N0} more");
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputFileException($"{path}: {exception.Message}");
        }
    }
}
