using System.Globalization;
using Amazon.Kinesis;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.Benchmarks.Kinesis;

/// <summary><c>cohortctl dev kinesis --unlimited</c>: a process of its own, so that its processor time can be told from the sink's.</summary>
internal sealed class KinesisProcess : IAsyncDisposable
{
    public const string Stream = "bench";
    public const int Shards = 8;

    /// <summary>What the server takes for id and secret.</summary>
    private const string Key = "local";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ServiceProcess _process;

    private KinesisProcess(ServiceProcess process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>What it has used of the processors since it started.</summary>
    public TimeSpan Cpu => ProcessTimes.Of($"/proc/{_process.Id}/stat");

    public static async Task<KinesisProcess> StartAsync()
    {
        var port = Ports.Free();
        var process = ServiceProcess.Start(
            "cohortctl",
            new Dictionary<string, string>(),
            "dev", "kinesis", "--unlimited", "--stream", $"{Stream}:{Shards}", "--port", port.ToString(CultureInfo.InvariantCulture));
        await Eventually.HoldsAsync(() => process.HasExited || process.Output.Contains("ready", StringComparison.Ordinal), "the local Kinesis is not ready", StartLimit, CancellationToken.None);
        return process.HasExited ? throw new InvalidOperationException($"the local Kinesis ended: {process.Output}") : new(process, new($"http://127.0.0.1:{port}"));
    }

    /// <summary>A destination here; more than any machine sends is its pace: what is measured is the sink.</summary>
    public KinesisDestination Destination(string id, string fields)
    {
        var reading = DestinationText.Read(
            $"""
            id: {id}
            sink: kinesis
            cohorts: ["*"]
            region: {MotoServer.Region}
            stream: {Stream}
            endpoint: {Address}
            format: amplitude-cohort
            shard_records_per_second: 1000000000
            shard_bytes_per_second: 1000000000
            {fields}
            """);
        return reading.IsValid ? (KinesisDestination)reading.Destinations[0] : throw new InvalidOperationException(string.Join("; ", reading.Errors));
    }

    /// <summary>The product's own way to it.</summary>
    public KinesisSender Sender(KinesisDestination destination)
    {
        var config = new AmazonKinesisConfig { ServiceURL = Address.ToString(), AuthenticationRegion = destination.Region };
        Senders.Bound(config);
        return new(new AmazonKinesisClient(new BasicAWSCredentials(Key, Key), config), destination, session: null);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
