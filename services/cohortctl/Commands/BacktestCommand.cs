using System.CommandLine;
using System.Globalization;
using System.Text;
using CohortPipeline.Backtest;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.Rules.Definitions;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class BacktestCommand
{
    private const int ShownLinesMax = 10;

    public static Command Create()
    {
        var cohorts = new Option<string[]>("--cohorts") { Description = "Files of definitions, or folders of them", Required = true, AllowMultipleArgumentsPerToken = true };
        var input = new Option<string[]>("--input") { Description = "Files of producers' records: JSON lines, or CSV with a header; .gz of either", Required = true, AllowMultipleArgumentsPerToken = true };
        var map = new Option<string?>("--map") { Description = "CSV columns: event=event_type,user=user_id,time=event_time,device=…,insert_id=…" };
        var until = new Option<string?>("--until") { Description = "Brings time to this instant, itself included, after the last record; a date is UTC" };
        var deltas = new Option<string?>("-o") { Description = "File for the deltas, as JSON lines (default: standard output)" };
        var command = new Command("backtest", "Tries definitions on a file of records, without a pipeline: who enters and leaves, and when") { cohorts, input, map, until, deltas };
        command.Runs((parsed, report, _) => Task.FromResult(Run(
            report,
            Definitions.Read(parsed.GetValue(cohorts)!),
            parsed.GetValue(input)!,
            MapOf(parsed.GetValue(map)),
            parsed.GetValue(until) is { } text ? InstantOf(text) : null,
            parsed.GetValue(deltas))));
        return command;
    }

    private static int Run(Report report, IReadOnlyList<CohortDefinition> definitions, string[] inputs, CsvMap map, long? until, string? deltasPath)
    {
        using var output = deltasPath is null ? Console.OpenStandardOutput() : Create(deltasPath);
        using var buffered = new BufferedStream(output, 1 << 16);
        using var run = Start(definitions, delta =>
        {
            buffered.Write(delta);
            buffered.WriteByte((byte)'\n');
        });
        var problems = new List<string>();
        foreach (var path in inputs)
            Read(run, path, map, problems);
        if (until is { } instant)
            run.AdvanceTo(instant);
        buffered.Flush();

        // Where the deltas go to standard output, nothing else does.
        (deltasPath is null ? report.Aside : report).Show(run.Summary, (console, summary) => Show(console, summary, problems));
        return ExitCodes.Done;
    }

    private static void Read(BacktestRun run, string path, CsvMap map, List<string> problems)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            using var file = RecordFile.Open(path, stream, stream.Length, map, run.LastTimestamp);
            ReadingProgress.Run(path, file.LengthBytes, onProgress => run.Read(file, (line, problem) => Note(problems, $"{path}:{line}: {problem}"), onProgress));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RecordFileException)
        {
            throw new InputFileException($"{path}: {exception.Message}");
        }
    }

    private static void Note(List<string> problems, string problem)
    {
        if (problems.Count < ShownLinesMax)
            problems.Add(problem);
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

    private static BacktestRun Start(IReadOnlyList<CohortDefinition> definitions, Evaluator.DeltaHandler onDelta)
    {
        try
        {
            return new(definitions, onDelta);
        }
        catch (InvalidOperationException exception)
        {
            throw new InputFileException(exception.Message);
        }
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

    private static CsvMap MapOf(string? text)
    {
        try
        {
            return text is null ? CsvMap.Guess : CsvMap.Parse(text);
        }
        catch (RecordFileException exception)
        {
            throw new InputFileException(exception.Message);
        }
    }

    private static long InstantOf(string text) => InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant)
        ? instant
        : throw new InputFileException($"--until is `{text}`: expected an instant such as 2026-03-01T10:00:00Z, or a date.");
}
