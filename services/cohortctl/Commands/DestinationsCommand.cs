using System.CommandLine;
using CohortPipeline.Control;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class DestinationsCommand
{
    public static Command Create() => new("destinations", "Destinations of a running pipeline") { List(), Add(), Delete(), Status(), Check(), Policy() };

    private static Command List()
    {
        var command = new Command("list", "Lists destinations");
        command.Asks(async (client, _, report, cancellation) =>
            report.Show(await client.GetAsync<DestinationList>("v1/destinations", cancellation), (console, list) =>
            {
                var table = Tables.New("destination", "sink", "definition");
                foreach (var destination in list.Destinations)
                    table.AddRow(Tables.Cell(destination.Id), Tables.Cell(destination.Sink), Tables.Cell(destination.Error ?? destination.Definition?.GetRawText()));
                console.Write(table);
            }));
        return command;
    }

    private static Command Add()
    {
        var paths = new Argument<string[]>("path") { Description = "Files of destinations, in our shape or Lytics' subscription call, or folders of them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("add", "Adds or changes destinations; each file is taken whole or not at all") { paths };
        command.Asks(async (client, parsed, report, cancellation) =>
        {
            var changes = new List<DestinationChange>();
            foreach (var (name, text) in InputFiles.Read(parsed.GetValue(paths)!))
            {
                try
                {
                    changes.AddRange((await client.PostTextAsync<DestinationChangeSet>("v1/destinations", text, cancellation)).Destinations);
                }
                catch (ControlClientException exception) when (exception.ExitCode == ExitCodes.Refused)
                {
                    throw new ControlClientException(exception.ExitCode, $"{name}: {exception.Message}", exception.Details);
                }
            }

            report.Show(new DestinationChangeSet(changes), Tables.Destinations);
        });
        return command;
    }

    private static Command Delete()
    {
        var id = new Argument<string>("id") { Description = "The destination's id" };
        var command = new Command("delete", "Deletes a destination; its sink stops sending") { id };
        command.Asks(async (client, parsed, report, cancellation) =>
            report.Show(await client.DeleteAsync<DestinationChangeSet>($"v1/destinations/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellation), Tables.Destinations));
        return command;
    }

    private static Command Status()
    {
        var id = new Argument<string?>("id") { Description = "The destination's id; all of them if it is left out", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("status", "How destinations stand: state, what is delivered and in flight, the oldest record that waits, lag, retries, throttled shards") { id };
        command.Asks(async (client, parsed, report, cancellation) =>
        {
            var path = parsed.GetValue(id) is { } one ? $"v1/destinations/{Uri.EscapeDataString(one)}/status" : "v1/status/destinations";
            report.Show(await client.GetAsync<DestinationStatusList>(path, cancellation), Tables.DestinationStatuses);
        });
        return command;
    }

    private static Command Check()
    {
        var id = new Argument<string>("id") { Description = "The destination's id" };
        var send = new Option<bool>("--send") { Description = "Also sends one record that means no change, or writes one small object" };
        var command = new Command("check", "Tries whether a destination can be delivered to: role, external id, permissions") { id, send };
        command.Runs(async (parsed, report, cancellation) =>
        {
            using var client = new ControlClient(parsed.GetValue(GlobalOptions.Server)!);
            var query = Query(("send", parsed.GetValue(send) ? "true" : null));
            var path = $"v1/destinations/{Uri.EscapeDataString(parsed.GetValue(id)!)}/check{query}";
            var check = await client.PostTextAsync<DestinationCheck>(path, "", cancellation);
            report.Show(check, Tables.Check);
            return check.Passed ? ExitCodes.Done : ExitCodes.Refused;
        });
        return command;
    }

    private static Command Policy()
    {
        var id = new Argument<string>("id") { Description = "The destination's id" };
        var account = new Option<string?>("--account") { Description = "AWS account that the pipeline runs in (trust policy)" };
        var principal = new Option<string?>("--principal") { Description = "ARN that the sink runs as (bucket policy, trust policy)" };
        var command = new Command("policy", "Prints the trust, permission or bucket policies that the owner puts in place") { id, account, principal };
        command.Asks(async (client, parsed, report, cancellation) =>
        {
            var query = Query(("account", parsed.GetValue(account)), ("principal", parsed.GetValue(principal)));
            var path = $"v1/destinations/{Uri.EscapeDataString(parsed.GetValue(id)!)}/policies{query}";
            report.Show(await client.GetAsync<PolicyList>(path, cancellation), (console, list) =>
            {
                foreach (var policy in list.Policies)
                {
                    console.Profile.Out.Writer.WriteLine($"# {policy.Name}");
                    console.Profile.Out.Writer.WriteLine(policy.Json.TrimEnd());
                }
            });
        });
        return command;
    }

    internal static string Query(params (string Name, string? Value)[] values)
    {
        var given = values.Where(value => !string.IsNullOrEmpty(value.Value)).Select(value => $"{value.Name}={Uri.EscapeDataString(value.Value!)}").ToArray();
        return given.Length == 0 ? "" : "?" + string.Join('&', given);
    }
}
