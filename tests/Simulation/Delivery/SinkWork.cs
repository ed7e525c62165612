using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>A process of a sink: the real delivery loop, queue and composers on a simulated log and stream; drained and begun anew when the definition is edited.</summary>
internal sealed class SinkWork(ProcessStart start, EditedDefinition definition, PipelineTopics topics, SinkOptions options, TimeProvider clock, Func<SimulatedCarrier> connect) : IProcessWork
{
    private DeliveryLoop? _loop;
    private SinkStatus? _status;
    private KinesisDestination? _served;

    public bool IsJoined => _served == definition.Now && _loop is { IsJoined: true, IsStarting: false };

    public bool IsAsideReady => false;

    public void Begin()
    {
        _served = definition.Now;
        _status = new(_served.Id, _served.Sink, clock);
        _loop = new(
            new(start.Log, topics, options, MemoryMemberSnapshots.Instance, clock, start.Logger),
            _served,
            _status,
            new(connect(), (ulong)start.World.Random.NextInt64(), key => WriteKey(start.World.Random, key)));
        _loop.Begin();
    }

    public void Turn()
    {
        if (_served != definition.Now)
        {
            Leave();
            Dispose();
            Begin();
        }

        _loop!.Turn();
        CheckConservation();
        if (_loop.HeldBytes > options.BudgetBytes)
            throw new InvalidOperationException($"{_loop.HeldBytes} bytes are held, {options.BudgetBytes} are allowed");
    }

    public void StepAside() => throw new NotSupportedException();

    public void Leave()
    {
        _loop!.Leave();
        CheckConservation();
        if (_status!.Report.Counts.InFlight > 0)
            throw new InvalidOperationException($"nothing is owned any more, and {_status.Report.Counts} is told");
    }

    public void Dispose() => _loop?.Dispose();

    /// <summary>What was received is accounted for; what is in flight is counted where it is held, and not taken from the others.</summary>
    private void CheckConservation()
    {
        var counts = _status!.Report.Counts;
        if (counts.Received != counts.Accepted + counts.DeadLettered + counts.Filtered + counts.InFlight)
            throw new InvalidOperationException($"received is not what became of it: {counts}");
    }

    private static void WriteKey(Random random, Span<byte> key)
    {
        foreach (ref var digit in key)
            digit = (byte)('a' + random.Next(26));
    }
}
