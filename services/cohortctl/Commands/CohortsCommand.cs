using System.CommandLine;
using CohortPipeline.Control;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class CohortsCommand
{
    public static Command Create() => new("cohorts", "Cohorts of a running pipeline") { List(), Get(), Apply(), Delete() };

    private static Command List()
    {
        var command = new Command("list", "Lists live cohorts with members, enters and exits");
        command.Asks(async (client, _, report, cancellation) =>
            report.Show(await client.GetAsync<CohortList>("v1/cohorts", cancellation), Tables.Cohorts));
        return command;
    }

    private static Command Get()
    {
        var id = new Argument<string>("id") { Description = "The cohort's id" };
        var command = new Command("get", "Shows one cohort with its definition") { id };
        command.Asks(async (client, parsed, report, cancellation) =>
            report.Show(await client.GetAsync<CohortView>($"v1/cohorts/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellation), (console, cohort) =>
            {
                Tables.Cohorts(console, new([cohort]));
                console.WriteLine(System.Text.Json.JsonSerializer.Serialize(cohort.Definition, IndentedJson.Options));
            }));
        return command;
    }

    private static Command Apply()
    {
        var paths = new Argument<string[]>("path") { Description = "Files of definitions, or folders of them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("apply", "Applies all definitions of all files as one change set, or none") { paths };
        command.Asks(async (client, parsed, report, cancellation) =>
        {
            var files = InputFiles.Read(parsed.GetValue(paths)!).Select(file => new DefinitionFile(file.Name, file.Text)).ToArray();
            report.Show(await client.PostAsync<CohortChangeSet>("v1/cohorts", new ApplyRequest(files), cancellation), Tables.ChangeSet);
        });
        return command;
    }

    private static Command Delete()
    {
        var id = new Argument<string>("id") { Description = "The cohort's id" };
        var command = new Command("delete", "Deletes a cohort; every member leaves it") { id };
        command.Asks(async (client, parsed, report, cancellation) =>
            report.Show(await client.DeleteAsync<CohortChangeSet>($"v1/cohorts/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellation), Tables.ChangeSet));
        return command;
    }
}
