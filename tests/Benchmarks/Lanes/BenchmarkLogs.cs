using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.TestKit.Kafka;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>The logs of this machine: the embedded one in a folder of its own, and a real Kafka where the test kit finds one.</summary>
internal static class BenchmarkLogs
{
    public const string Embedded = "embedded log";
    public const string Kafka = "Kafka";

    /// <summary>Measures on each, one after the other, both new and empty. Notes why Kafka was left out, if it was.</summary>
    public static void OnEach(Action<string, ILog> measure, List<string> notes)
    {
        OnEmbedded(measure);
        if (OnKafkaAsync(measure).GetAwaiter().GetResult() is { Length: > 0 } whyNot)
            notes.Add($"Kafka was left out: {whyNot}.");
    }

    public static void Create(ILog log, params IEnumerable<TopicSpec> topics)
    {
        foreach (var topic in topics)
            log.Admin.CreateAsync(topic, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static void OnEmbedded(Action<string, ILog> measure)
    {
        var folder = Directory.CreateTempSubdirectory("bench-embedded-").FullName;
        try
        {
            var log = EmbeddedLog.Open(folder, TimeProvider.System);
            measure(Embedded, log);
            log.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> OnKafkaAsync(Action<string, ILog> measure)
    {
        var kafka = new SharedKafka();
        try
        {
            var (servers, whyNot) = await kafka.FindAsync();
            if (servers is null)
                return whyNot;
            await using var log = SharedKafka.Open(servers);
            measure(Kafka, log);
            return "";
        }
        finally
        {
            await kafka.DisposeAsync();
        }
    }
}
