using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Clients;

namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>The process ends here, as by a kill: nothing of it runs any more, and nobody is told.</summary>
public sealed class SimulatedKillException() : Exception("the simulated process was killed");

/// <summary>One process's client of a simulated broker. A member of a group is a process.</summary>
public sealed class SimulatedLog(Broker broker, string name) : ILog, ILogAdmin
{
    /// <summary>Who it is, in what is told of a run.</summary>
    public string Name => name;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);

    public Broker Broker { get; } = broker;

    public ILogAdmin Admin => this;

    /// <summary>The process was killed: its calls come to nothing, its heartbeats stop.</summary>
    public bool IsDead { get; private set; }

    /// <summary>The process sleeps and sends no heartbeats, or it is dead.</summary>
    public bool IsStopped => IsDead || IsAsleep;

    public bool IsAsleep { get; set; }

    /// <summary>Time as this process sees it.</summary>
    public ProcessClock Clock { get; } = new(broker.Clock);

    public void Kill() => IsDead = true;

    public ILogReader OpenReader(ReaderOptions options) => new SimulatedReader(this, options.Group);

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes)
    {
        Call(LogCall.OpenWriter);
        var producer = Broker.ProducerOf(transactionalId);
        var epoch = producer.Open();
        WaitUntil(() => producer.Current is null or { IsOver: true }, $"the markers of the last transaction of {transactionalId}");
        return new SimulatedWriter(this, producer, transactionalId, epoch);
    }

    public Task<TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation) => Task.FromResult(
        Broker.SpecOf(topic) is { } spec ? new TopicDescription(topic, spec.PartitionCount, spec.Cleanup, spec.Retention) : null);

    public Task CreateAsync(TopicSpec topic, CancellationToken cancellation)
    {
        Broker.Create(topic);
        return Task.CompletedTask;
    }

    public Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation) => Task.FromResult<long[]>(
        [.. Broker.PartitionsOfTopic(topic).Select(partition => isolation == Isolation.Committed ? partition.StableEnd : partition.End)]);

    public Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation) =>
        Task.FromResult<CommittedPosition[]>([.. Broker.PartitionsOf(topic).Select(partition => Broker.GroupOf(group).Committed(partition))]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Every call begins here: it may fail, or take long while others go on.</summary>
    internal void Call(LogCall call)
    {
        ThrowIfDead();
        Broker.Fates.AtCall(this, call);
        ThrowIfDead();
    }

    /// <summary>The process waits for so long; others go on.</summary>
    public void Wait(TimeSpan duration)
    {
        Broker.Fates.Wait(this, duration);
        Broker.PassTime();
        ThrowIfDead();
    }

    /// <summary>Waits inside a call for something that the broker does in its own time.</summary>
    internal void WaitUntil(Func<bool> isReached, string what)
    {
        var started = Broker.Now;
        for (var wait = FirstWait; !isReached(); wait *= 2)
        {
            if (Broker.Now - started > AnswerTimeout)
                throw new LogUnavailableException($"waited {AnswerTimeout} for {what}");
            Wait(wait);
        }
    }

    private void ThrowIfDead()
    {
        if (IsDead)
            throw new SimulatedKillException();
    }
}
