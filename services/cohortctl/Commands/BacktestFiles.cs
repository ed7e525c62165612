using System.CommandLine;
using System.Text;
using CohortPipeline.Backtest;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Ingest;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.CohortCtl;

/// <summary>Definitions and files of records that they are tried on.</summary>
internal sealed class BacktestFiles(IReadOnlyList<CohortDefinition> definitions, string[] inputs, CsvMap map)
{
    private const int ShownLinesMax = 10;

    /// <summary>The options of a command that tries definitions on files.</summary>
    public sealed record FileOptions(Option<string[]> Cohorts, Option<string[]> Input, Option<string?> Map)
    {
        public BacktestFiles Read(System.CommandLine.ParseResult parsed) => new(Definitions.Read(parsed.GetValue(Cohorts)!), parsed.GetValue(Input)!, MapOf(parsed.GetValue(Map)));
    }

    public static FileOptions Options() => new(
        new("--cohorts") { Description = "Files of definitions, or folders of them", Required = true, AllowMultipleArgumentsPerToken = true },
        new("--input") { Description = "Files of producers' records: JSON lines, or CSV with a header; .gz of either", Required = true, AllowMultipleArgumentsPerToken = true },
        new("--map") { Description = "CSV columns: event=event_type,user=user_id,time=event_time,device=…,insert_id=…" });

    /// <summary>An instant, or a date in UTC; null where the option was not given.</summary>
    public static long? InstantOf(string option, string? text)
    {
        if (text is null)
            return null;
        return InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant)
            ? instant
            : throw new InputFileException($"{option} is `{text}`: expected an instant such as 2026-03-01T10:00:00Z, or a date.");
    }

    public BacktestRun Start(DeltaHandler onDelta) => new(definitions, onDelta);

    /// <summary>Applies all records of all files; notes the first lines that are none in <paramref name="problems"/>.</summary>
    public void ReadAll(BacktestRun run, List<string> problems)
    {
        foreach (var path in inputs)
            Read(run, path, problems);
    }

    private void Read(BacktestRun run, string path, List<string> problems)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, System.IO.FileOptions.SequentialScan);
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
}
