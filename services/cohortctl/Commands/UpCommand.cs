using System.CommandLine;
using CohortPipeline.Control;
using CohortPipeline.Hosting;

namespace CohortPipeline.CohortCtl;

internal static class UpCommand
{
    public static Command Create()
    {
        var log = new Option<string>("--log") { Description = "embedded (one folder, for trying out) or kafka", DefaultValueFactory = _ => "embedded" };
        log.AcceptOnlyFromAmong("embedded", "kafka");
        var data = new Option<string>("--data") { Description = "Folder of the embedded log", DefaultValueFactory = _ => "data" };
        var command = new Command("up", "Runs every service in one process; other settings as --Section:Name=value or in the environment") { log, data };
        command.TreatUnmatchedTokensAsErrors = false;
        command.Runs(async (parsed, report, _) =>
        {
            var isEmbedded = parsed.GetValue(log) == "embedded";
            if (isEmbedded && !report.IsJson)
                Console.Error.WriteLine($"The embedded log in {Path.GetFullPath(parsed.GetValue(data)!)} is for trying out and for tests; use --log kafka for real work.");
            string[] settings =
            [
                $"--Pipeline:Log={(isEmbedded ? LogKind.Embedded : LogKind.Kafka)}",
                $"--Pipeline:Data={parsed.GetValue(data)}",
                .. parsed.UnmatchedTokens,
            ];
            return await PipelineHost.RunAsync(WholePipeline.CreateBuilder(settings), app => app.MapControl());
        });
        return command;
    }
}
