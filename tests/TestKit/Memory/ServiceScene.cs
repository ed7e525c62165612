using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit.Memory;

/// <summary>A service as a process of its own, on topics of its own on a real Kafka, and its memory as seen from outside.</summary>
public sealed class ServiceScene : IAsyncDisposable
{
    /// <summary>As many as a pipeline has that says nothing of them.</summary>
    public const int DefaultPartitions = 12;

    private const int RecordsPerCommit = 10_000;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly string _servers;

    private ServiceScene(string servers, int partitions)
    {
        _servers = servers;
        Log = SharedKafka.Open(servers);
        Topics = new($"memory-{Guid.NewGuid():N}", partitions, activityRetention: null);
        Groups = new(Topics);
        Events = new(Topics.Named("events"), partitions, TopicCleanup.Delete);
    }

    public KafkaLog Log { get; }

    public PipelineTopics Topics { get; }

    public PipelineGroups Groups { get; }

    /// <summary>The producers' topic.</summary>
    public TopicSpec Events { get; }

    public static async Task<ServiceScene> CreateAsync(string servers, CancellationToken cancellation, int partitions = DefaultPartitions)
    {
        var scene = new ServiceScene(servers, partitions);
        foreach (var topic in scene.Topics.All.Append(scene.Events))
            await scene.Log.Admin.CreateAsync(topic, cancellation);
        return scene;
    }

    /// <summary>Writes records, in transactions of a size that a broker takes well.</summary>
    public void Write(TopicSpec spec, int count, Action<ILogWriter, OutputTopic, int> append)
    {
        using var writer = Log.OpenWriter($"{Topics.Prefix}.feed");
        var topic = writer.Topic(spec.Name);
        for (var number = 0; number < count;)
        {
            append(writer, topic, number);
            if ((++number % RecordsPerCommit == 0 || number == count) && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("a commit of the feed failed");
        }
    }

    /// <summary>Runs the service from its readiness until it is where the scene wants it; answers the most memory that it had.</summary>
    public async Task<long> PeakAsync(
        string service, IReadOnlyList<string> arguments, Func<RunningService, Task> isThere, CancellationToken cancellation, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = Ports.Free();
        await using var process = ServiceProcess.Start(
            service,
            environment ?? new Dictionary<string, string>(),
            [
                $"--Kafka:bootstrap.servers={_servers}",
                $"--Pipeline:Prefix={Topics.Prefix}",
                $"--Pipeline:Clock={ClockKind.Record}",
                $"--Pipeline:Partitions={Topics.PartitionCount}",
                $"--Pipeline:EventTopics:0={Events.Name}",
                $"--Http:Port={port}",
                .. arguments,
            ]);
        await process.ReadyAsync(port, StartTimeout, cancellation);
        await isThere(new(process, port));
        return process.HasExited ? throw new InvalidOperationException($"{service} ended with {process.ExitCode}:\n{process.Output}") : process.PeakBytes;
    }

    /// <summary>Waits until the group has committed all that the topic holds.</summary>
    public Task ReadToEndAsync(string group, TopicSpec topic, ServiceProcess process, TimeSpan deadline, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token =>
        {
            var ends = await Log.Admin.EndOffsetsAsync(topic.Name, Isolation.Committed, token);
            var positions = await Log.Admin.CommittedAsync(group, topic.Name, token);
            var left = ends.Zip(positions, (end, position) => end - Math.Max(0, position.Offset)).Sum();
            if (left > 0 && process.HasExited)
                throw new InvalidOperationException($"{process.Name} ended with {process.ExitCode}:\n{process.Output}");
            return left == 0 ? null : $"{group} has {left} of {topic.Name} left:\n{process.Output}";
        },
        deadline,
        cancellation);

    public ValueTask DisposeAsync() => Log.DisposeAsync();
}

/// <summary>A service of a scene, and where it listens.</summary>
public sealed record RunningService(ServiceProcess Process, int Port);
