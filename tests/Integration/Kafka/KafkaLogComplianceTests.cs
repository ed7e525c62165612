using System.Diagnostics;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.Tests.Integration.Compliance;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>The log contract on a real broker, with classic groups: what the pipeline uses unless told otherwise.</summary>
public class KafkaLogComplianceTests(SharedKafka kafka) : ServedLogComplianceTests
{
    /// <summary>The shortest that members can be silent for; the session must be no longer.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan KeepPollingPause = TimeSpan.FromMilliseconds(100);

    protected override bool TakesInBeforeTheCommit => true;

    protected override async Task<ILog> OpenAsync() => await kafka.OpenAsync(null, Properties());

    /// <summary>The client's own clock: no fake one reaches it.</summary>
    protected override async Task PassPollIntervalAsync(Action keepPolling)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < PollInterval + TimeSpan.FromSeconds(1))
        {
            keepPolling();
            await Task.Delay(KeepPollingPause, Cancellation);
        }
    }

    private protected virtual (string Name, string Value)[] Properties() =>
    [
        ("max.poll.interval.ms", $"{PollInterval.TotalMilliseconds:0}"),
        ("session.timeout.ms", $"{PollInterval.TotalMilliseconds:0}"),
    ];
}
