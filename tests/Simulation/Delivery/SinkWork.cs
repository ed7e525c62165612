using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>A process of a sink: the real delivery loop, queue and composers on a simulated log and stream.</summary>
internal sealed class SinkWork : IProcessWork
{
    private readonly DeliveryLoop _loop;
    private readonly SinkOptions _options;
    private readonly SinkStatus _status;

    public SinkWork(ProcessStart start, KinesisDestination destination, PipelineTopics topics, SinkOptions options, SimulatedCarrier carrier)
    {
        _options = options;
        _status = new SinkStatus(destination.Id, destination.Sink, start.Log.Clock);
        _loop = new(
            new(start.Log, topics, options, start.Log.Clock, start.Logger),
            destination,
            _status,
            new(carrier, (ulong)start.World.Random.NextInt64(), key => WriteKey(start.World.Random, key)));
    }

    public bool IsJoined => _loop is { IsJoined: true, IsStarting: false };

    public bool IsAsideReady => false;

    public void Begin() => _loop.Begin();

    public void Turn()
    {
        _loop.Turn();
        CheckConservation();
        if (_loop.HeldBytes > _options.BudgetBytes)
            throw new InvalidOperationException($"{_loop.HeldBytes} bytes are held, {_options.BudgetBytes} are allowed");
    }

    public void StepAside() => throw new NotSupportedException();

    public void Leave()
    {
        _loop.Leave();
        CheckConservation();
        if (_status.Report.Counts.InFlight > 0)
            throw new InvalidOperationException($"nothing is owned any more, and {_status.Report.Counts} is told");
    }

    public void Dispose() => _loop.Dispose();

    /// <summary>What was received is accounted for; what is in flight is counted where it is held, and not taken from the others.</summary>
    private void CheckConservation()
    {
        var counts = _status.Report.Counts;
        if (counts.Received != counts.Accepted + counts.DeadLettered + counts.Filtered + counts.InFlight)
            throw new InvalidOperationException($"received is not what became of it: {counts}");
    }

    private static void WriteKey(Random random, Span<byte> key)
    {
        foreach (ref var digit in key)
            digit = (byte)('a' + random.Next(26));
    }
}
