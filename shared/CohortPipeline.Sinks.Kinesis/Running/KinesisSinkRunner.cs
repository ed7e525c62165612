using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks.Snapshot;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What all runners of a process share.</summary>
internal sealed record SinkEnvironment(ILog Log, PipelineTopics Topics, SinkOptions Options, IMemberSnapshotFactory Snapshots, TimeProvider Time, ILogger Logger);

/// <summary>Makes the runners of Kinesis destinations.</summary>
internal sealed class KinesisSinkFactory(SinkEnvironment environment) : ISinkFactory
{
    public string Sink => KinesisDestination.SinkName;

    public ISinkRunner Create(Destination destination, SinkStatus status) => new KinesisSinkRunner(environment, (KinesisDestination)destination, status);
}

/// <summary>Delivers to one stream, on a thread of its own.</summary>
internal sealed class KinesisSinkRunner(SinkEnvironment environment, KinesisDestination destination, SinkStatus status) : ISinkRunner
{
    public async Task RunAsync(CancellationToken stop)
    {
        await using var sender = Senders.Open(destination, environment.Time, environment.Logger);
        await Task.Factory.StartNew(() => Run(sender, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Run(IRecordSender sender, CancellationToken stop)
    {
        using var loop = new DeliveryLoop(environment, destination, status, DeliveryLife.Of(destination, sender, environment.Time));
        loop.Run(stop);
    }
}
