using System.CommandLine;
using System.CommandLine.Parsing;

namespace CohortPipeline.CohortCtl;

/// <summary>Options that every command has, and how a command runs: errors become texts and exit codes here, once.</summary>
internal static class GlobalOptions
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    public static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "How results are printed: text or json",
        DefaultValueFactory = _ => "text",
        Recursive = true,
    };

    public static readonly Option<Uri> Server = new("--server")
    {
        Description = $"The control-api to talk to (default: COHORT_API, else {DefaultServer})",
        DefaultValueFactory = result => AddressOf(result, "COHORT_API", Environment.GetEnvironmentVariable("COHORT_API") is { Length: > 0 } address ? address : DefaultServer),
        CustomParser = result => AddressOf(result, "--server", result.Tokens.Single().Value),
        Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        Output.AcceptOnlyFromAmong("text", "json");
        root.Options.Add(Output);
        root.Options.Add(Server);
    }

    public static Report ReportOf(ParseResult parsed) => new(parsed.GetValue(Output) == "json", Console.Out, Console.Error);

    /// <summary>A command that needs no pipeline.</summary>
    public static void Runs(this Command command, Func<ParseResult, Report, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            var report = ReportOf(parsed);
            try
            {
                return await run(parsed, report, cancellation);
            }
            catch (ControlClientException exception)
            {
                report.Fail(exception.Message, exception.Details);
                return exception.ExitCode;
            }
            catch (InputFileException exception)
            {
                report.Fail(exception.Message, exception.Details);
                return ExitCodes.Refused;
            }
        });

    /// <summary>A command that asks a running pipeline.</summary>
    public static void Asks(this Command command, Func<ControlClient, ParseResult, Report, CancellationToken, Task> ask) =>
        command.Runs(async (parsed, report, cancellation) =>
        {
            using var client = new ControlClient(parsed.GetValue(Server)!);
            await ask(client, parsed, report, cancellation);
            return ExitCodes.Done;
        });

    private static Uri AddressOf(ArgumentResult result, string source, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            return address;
        result.AddError($"{source} is `{text}`: expected an address such as {DefaultServer}.");
        return new(DefaultServer);
    }
}
