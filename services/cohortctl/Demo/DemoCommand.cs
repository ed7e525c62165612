using System.CommandLine;
using CohortPipeline.CohortCtl.Demo;

namespace CohortPipeline.CohortCtl;

internal static class DemoCommand
{
    public static Command Create()
    {
        var input = new Option<string?>("--input") { Description = "A file of producers' records instead of the shop: JSON lines or CSV, .gz of either" };
        var map = new Option<string?>("--map") { Description = "CSV columns of the input: event=event_type,user=user_id,time=event_time,…" };
        var cohorts = new Option<string?>("--cohorts") { Description = "Other definitions: a file, or a folder of them" };
        var seed = new Option<int>("--seed") { Description = "Of the shop: the same seed gives the same shoppers", DefaultValueFactory = _ => 1 };
        var command = new Command("demo", "Runs a whole pipeline in this process for about a minute and shows what it does") { input, map, cohorts, seed };
        command.Runs(async (parsed, report, cancellation) =>
        {
            var options = new DemoOptions(parsed.GetValue(input), parsed.GetValue(map), parsed.GetValue(cohorts), parsed.GetValue(seed));
            return await DemoRun.RunAsync(options, report, cancellation);
        });
        return command;
    }
}
