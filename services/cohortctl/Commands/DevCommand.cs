using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CohortPipeline.Kinesis.Local;

namespace CohortPipeline.CohortCtl;

/// <summary>Servers that stand in for a cloud's while one develops.</summary>
internal static class DevCommand
{
    private const int KinesisPort = 4567;
    private const string Key = "local";

    public static Command Create() => new("dev", "Servers for development, on this machine alone") { Kinesis() };

    private static Command Kinesis()
    {
        var port = new Option<int>("--port") { Description = "Port of 127.0.0.1", DefaultValueFactory = _ => KinesisPort };
        var streams = new Option<StreamToCreate[]>("--stream") { Description = "A stream to begin with: NAME or NAME:SHARDS", CustomParser = ReadStreams, DefaultValueFactory = _ => [] };
        var unlimited = new Option<bool>("--unlimited") { Description = "Shards take any rate instead of 1,000 records and 1 MiB a second" };
        var command = new Command("kinesis", "Runs a Kinesis in memory until it is interrupted") { port, streams, unlimited };
        command.Runs(async (parsed, report, cancellation) =>
        {
            var options = new KinesisServerOptions { Port = parsed.GetValue(port) };
            if (parsed.GetValue(unlimited))
                options = options with { Rate = null };
            try
            {
                await using var server = await KinesisServer.StartAsync(options, cancellation);
                server.Keys.Set(new(Key, Key));
                foreach (var stream in parsed.GetValue(streams)!)
                    server.CreateStream(stream.Name, stream.Shards);
                report.Show(new LocalKinesis(server.Address, options.Region, Key, Key), (_, shown) =>
                {
                    Console.WriteLine($"Kinesis for development on {shown.Url}, region {shown.Region}; what is put into it ends with it");
                    Console.WriteLine($"AWS_ACCESS_KEY_ID={shown.AccessKeyId} AWS_SECRET_ACCESS_KEY={shown.SecretAccessKey}");
                    Console.WriteLine("ready");
                });
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            catch (Exception exception) when (exception is IOException or ArgumentException)
            {
                report.Fail(exception.Message, []);
                return ExitCodes.Refused;
            }
            catch (OperationCanceledException)
            {
                // Interrupted: that is its end.
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static StreamToCreate[] ReadStreams(ArgumentResult result) => [.. result.Tokens.Select(token => ReadStream(token.Value, result))];

    private static StreamToCreate ReadStream(string text, ArgumentResult result)
    {
        var parts = text.Split(':');
        if (parts.Length == 1)
            return new(text, 1);
        if (parts.Length == 2 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var shards) && shards > 0)
            return new(parts[0], shards);
        result.AddError($"--stream is `{text}`: expected NAME or NAME:SHARDS.");
        return new(text, 1);
    }

    private sealed record StreamToCreate(string Name, int Shards);

    private sealed record LocalKinesis(Uri Url, string Region, string AccessKeyId, string SecretAccessKey);
}
