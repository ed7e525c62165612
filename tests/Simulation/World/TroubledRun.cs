using System.Globalization;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>What all runs have in common: steps in the troubles that the seed has drawn, then in calm until all that was fed is read and committed.</summary>
internal sealed class TroubledRun
{
    private const int OrdinalsMax = 3;
    private const int StepsMin = 60;
    private const int StepsMax = 400;
    private const int CalmStepsMax = 20_000;
    private const int QuietStepsToEnd = 30;

    /// <summary>So many turns each process must have had since the last work was done: chance may let one of them wait long.</summary>
    private const int QuietTurnsToEnd = 20;

    /// <summary>Of a service's processes to all others that take steps.</summary>
    private const int ShareOfProcesses = 3;

    public static readonly TimeSpan UsualLongMoment = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly SimulatedWorld _world;
    private readonly Feed _feed;
    private readonly string _group;
    private readonly IReadOnlyList<TopicPartition> _partitions;
    private readonly Func<long> _workDone;
    private readonly List<ProcessSlot> _slots = [];
    private int _incarnations;

    /// <param name="workDone">Grows while there is still something to do.</param>
    public TroubledRun(SimulatedWorld world, Feed feed, BrokerChores chores, string group, IReadOnlyList<TopicPartition> partitions, ProcessSetup setup, Func<long> workDone)
    {
        _world = world;
        _feed = feed;
        _group = group;
        _partitions = partitions;
        _workDone = workDone;
        world.Add(feed);
        world.Add(chores);
        for (var ordinal = world.Random.Next(1, OrdinalsMax + 1) - 1; ordinal >= 0; ordinal--)
        {
            var slot = new ProcessSlot(world, setup, ordinal, () => ++_incarnations);
            _slots.Add(slot);
            for (var share = 0; share < ShareOfProcesses; share++)
                world.Add(slot);
        }
    }

    /// <summary>How long a step may take at most where nothing is done for some time.</summary>
    public TimeSpan LongMoment { get; init; } = UsualLongMoment;

    /// <summary>What is to be true beside, before the run is at its end.</summary>
    public Func<bool> IsDone { get; init; } = () => true;

    /// <summary>Answers the first fault: what an exception tells, or what the verdict says at the end; null: there is none.</summary>
    public string? Go(Func<string?> verdict)
    {
        try
        {
            for (var left = _world.Random.Next(StepsMin, StepsMax); left > 0 || !_feed.HasWrittenAlmostAll; left--)
                _world.Step(Moment);
            _world.IsCalm = true;
            _world.Note("all is calm from here on");
            ComeToAnEnd();
            return verdict();
        }
        catch (Exception exception)
        {
            _world.Note($"FAULT: {exception.Message}");
            return exception.ToString();
        }
    }

    private void ComeToAnEnd()
    {
        var (work, quietSteps) = (-1L, 0);
        var turns = Turns();
        for (var steps = 0; steps < CalmStepsMax; steps++)
        {
            _world.Step(quietSteps < QuietStepsToEnd ? Moment : LongMoment);
            quietSteps = _workDone() is var done && done != work ? 0 : quietSteps + 1;
            work = done;
            if (quietSteps == 0 || !IsUp())
                turns = Turns();
            if (IsAllCommitted() && IsDone() && turns.Zip(Turns()).All(slot => slot.Second - slot.First >= QuietTurnsToEnd))
                return;
        }

        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"not at the end after {CalmStepsMax} steps of calm: {string.Join(", ", _partitions.Select(partition => $"{partition} is committed up to {_world.Broker.Committed(_group, partition).Offset} of {_world.Broker.End(partition)}"))}"));
    }

    private int[] Turns() => [.. _slots.Select(slot => slot.Turns)];

    /// <summary>Every partition has an owner that has restored it: who has not may still have timers to fire.</summary>
    private bool IsUp() => _world.Broker.GroupOf(_group).IsBalanced && _slots.TrueForAll(slot => slot.IsUp);

    private bool IsAllCommitted() =>
        _world.Broker.IsSettled && _feed.IsEmpty && _partitions.All(partition => _world.Broker.Committed(_group, partition).Offset == _world.Broker.End(partition));
}

/// <summary>How a run ended; a fault is told as text.</summary>
internal sealed record RunResult(int Seed, string? Fault, RunCounts Counts);
