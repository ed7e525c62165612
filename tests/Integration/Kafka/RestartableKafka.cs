using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>One broker for the tests of a class that stop and kill it: each begins by saying how it wants to find it.</summary>
public sealed class RestartableKafka(SharedKafka kafka) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private KafkaBroker? _broker;

    private KafkaBroker Broker => _broker ??= kafka.CreateBroker();

    public async Task<KafkaBroker> StartedAsync()
    {
        if (!Broker.IsRunning)
            await Broker.StartAsync();
        return Broker;
    }

    public async Task<KafkaBroker> StoppedAsync()
    {
        if (Broker.IsRunning)
            await Broker.StopAsync();
        return Broker;
    }

    /// <summary>
    /// Waits until the markers of all commits are written. A single broker of Kafka 4.3.1 that ends before them skips them when it
    /// starts again ("likely deleted already and hence can be skipped"): what was committed then stays undecided for ever.
    /// </summary>
    /// <param name="written">The topic that is written in the transactions; <paramref name="group"/> commits its positions in <paramref name="read"/> with them.</param>
    public static async Task SettleAsync(KafkaLog log, string written, string group, string read, CancellationToken cancellation)
    {
        await Eventually.HoldsAsync(
            async token =>
            {
                IEnumerable<long> committed = await log.Admin.EndOffsetsAsync(written, Isolation.Committed, token);
                return committed.SequenceEqual(await log.Admin.EndOffsetsAsync(written, Isolation.Uncommitted, token)) ? null : $"transactions of {written} are open";
            },
            Patience,
            cancellation);
        await log.Admin.CommittedAsync(group, read, cancellation);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
