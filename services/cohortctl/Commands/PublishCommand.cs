using System.CommandLine;
using CohortPipeline.Control;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class PublishCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Producers' records: JSON lines, or CSV with a header; .gz of either" };
        var topic = new Option<string?>("--topic") { Description = "Source topic (default: the first event topic)" };
        var map = new Option<string?>("--map") { Description = "CSV columns: event=event_type,user=user_id,time=event_time,device=…,insert_id=…" };
        var until = new Option<string?>("--until") { Description = "Ends an import: the final watermark, an instant or `end` (that of the last record)" };
        var command = new Command("publish", "Publishes a file of producers' records to a source topic") { file, topic, map, until };
        command.Asks(async (client, parsed, report, cancellation) =>
        {
            var path = parsed.GetValue(file)!;
            var query = DestinationsCommand.Query(("file", Path.GetFileName(path)), ("topic", parsed.GetValue(topic)), ("map", parsed.GetValue(map)), ("until", parsed.GetValue(until)));
            await using var stream = Open(path);
            var result = await UploadProgress.RunAsync(stream, Path.GetFileName(path), report, body => client.PostStreamAsync<PublishedFile>($"v1/publish{query}", body, cancellation));
            report.Show(result, Show);
        });
        return command;
    }

    internal static void Show(IAnsiConsole console, PublishedFile result)
    {
        console.MarkupLineInterpolated($"{result.Records:N0} records published to {result.Topic}, {result.BadLines:N0} lines were no records{(result.Until is { } until ? $", final watermark {until}" : "")}");
        foreach (var line in result.Errors)
            console.MarkupLineInterpolated($"  line {line.Line}: {line.Reason}");
        if (result.BadLines > result.Errors.Count)
            console.MarkupLineInterpolated($"  … and {result.BadLines - result.Errors.Count:N0} more");
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputFileException($"{path}: {exception.Message}");
        }
    }
}
