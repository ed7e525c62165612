using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>What the services of one tested pipeline have in common.</summary>
/// <param name="Log">Settings that name the log.</param>
internal sealed record PipelineSettings(string Prefix, ClockKind Clock, int Partitions, IReadOnlyList<string> Log)
{
    private const string WatermarkInterval = "00:00:00.200";
    private const long Grace = 300;

    public PipelineTopics Topics { get; } = new(Prefix, Partitions, activityRetention: null);

    public OracleOptions Oracle { get; } = new()
    {
        RecordClock = Clock == ClockKind.Record,
        SourceTopics = [EventsOf(Prefix), IdentifiesOf(Prefix)],
        Grace = Grace,
    };

    public string Events => EventsOf(Prefix);

    public string Identifies => IdentifiesOf(Prefix);

    /// <summary>The command line of a service that listens on this port.</summary>
    public string[] Arguments(int port) =>
    [
        .. Log,
        $"--Pipeline:Prefix={Prefix}",
        $"--Pipeline:Clock={Clock}",
        $"--Pipeline:Partitions={Partitions}",
        $"--Pipeline:EventTopics:0={Events}",
        $"--Pipeline:IdentifyTopics:0={Identifies}",
        $"--Ingest:WatermarkInterval={WatermarkInterval}",
        $"--Evaluator:Grace={TimeSpan.FromMilliseconds(Grace):c}",
        $"--Http:Port={port}",
    ];

    public static PipelineSettings Embedded(string folder, ClockKind clock) =>
        new("shop", clock, 4, ["--Pipeline:Log=Embedded", $"--Pipeline:Data={folder}"]);

    /// <param name="more">Further settings of the log.</param>
    public static PipelineSettings Kafka(string servers, ClockKind clock, IReadOnlyList<string>? more = null) =>
        new($"e2e-{Guid.NewGuid():N}", clock, 3, ["--Pipeline:Log=Kafka", $"--Kafka:bootstrap.servers={servers}", .. more ?? []]);

    private static string EventsOf(string prefix) => $"{prefix}.events";

    private static string IdentifiesOf(string prefix) => $"{prefix}.identifies";
}
