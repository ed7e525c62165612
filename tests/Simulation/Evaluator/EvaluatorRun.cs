using System.Globalization;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>
/// One run: a few evaluators over a few partitions, in the troubles that the seed has drawn, then in calm until everything is
/// read and committed; then what they wrote is held against the oracle.
/// </summary>
internal sealed class EvaluatorRun
{
    private const int PartitionsMax = 3;
    private const int OrdinalsMax = 3;
    private const int TroubledStepsMin = 60;
    private const int TroubledStepsMax = 400;
    private const int CalmStepsMax = 20_000;
    private const int QuietStepsToEnd = 30;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongMoment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuietToEnd = TimeSpan.FromSeconds(2);

    private readonly SimulatedWorld _world;
    private readonly EvaluatorSettings _settings;
    private readonly OracleOptions _oracle;
    private readonly ActivityFeed _feed;
    private int _incarnations;

    private EvaluatorRun(int seed, FaultPlan? plan, Journal? journal)
    {
        _world = new(seed, plan, journal);
        var random = _world.Random;
        var partitions = random.Next(1, PartitionsMax + 1);
        var first = RandomActivity.Generate(random.Next(), null, "0");
        _oracle = first.Options;
        List<IReadOnlyList<OracleRecord>> records = [first.Records];
        for (var partition = 1; partition < partitions; partition++)
            records.Add(RandomActivity.Generate(random.Next(), _oracle, partition.ToString(CultureInfo.InvariantCulture)).Records);
        _settings = new(random, _oracle, partitions);
        foreach (var topic in _settings.Topics.All)
            _world.Broker.Create(topic);
        _world.Broker.WhenCommitted += new ChangelogRule(_settings).Check;
        _feed = new(_world, _settings.Topics.Activity.Name, records);
        _world.Add(_feed);
        _world.Add(new BrokerChores(_world, _settings));
        for (var ordinal = random.Next(1, OrdinalsMax + 1) - 1; ordinal >= 0; ordinal--)
        {
            var slot = new EvaluatorSlot(_world, _settings, ordinal, () => ++_incarnations);
            _world.Add(slot);
            _world.Add(slot);
            _world.Add(slot);
        }
    }

    /// <summary>Runs a seed; told again with a journal, it is the same run.</summary>
    /// <param name="plan">Null: what the seed draws.</param>
    public static RunResult Run(int seed, FaultPlan? plan = null, Journal? journal = null)
    {
        var run = new EvaluatorRun(seed, plan, journal);
        string? fault;
        try
        {
            fault = run.Go();
        }
        catch (Exception exception)
        {
            run._world.Note($"FAULT: {exception.Message}");
            fault = exception.ToString();
        }

        return new(seed, fault, run._world.Counts);
    }

    private string? Go()
    {
        for (var left = _world.Random.Next(TroubledStepsMin, TroubledStepsMax); left > 0 || !_feed.HasWrittenAlmostAll; left--)
            _world.Step(Moment);
        _world.IsCalm = true;
        _world.Note("all is calm from here on");
        ComeToAnEnd();
        return new EvaluatorVerdict(_world.Broker, _settings, _oracle).FirstFault(_world.Counts);
    }

    private void ComeToAnEnd()
    {
        var (commits, quietSteps, quietSince) = (-1L, 0, TimeSpan.Zero);
        for (var steps = 0; steps < CalmStepsMax; steps++)
        {
            _world.Step(quietSteps < QuietStepsToEnd ? Moment : LongMoment);
            if (_world.Counts.Commits != commits || !IsAllCommitted())
            {
                quietSteps = _world.Counts.Commits != commits ? 0 : quietSteps + 1;
                (commits, quietSince) = (_world.Counts.Commits, _world.Broker.Clock.Elapsed);
            }
            else if (++quietSteps >= QuietStepsToEnd && _world.Broker.Clock.Elapsed - quietSince >= QuietToEnd)
            {
                return;
            }
        }

        throw new InvalidOperationException($"not at the end after {CalmStepsMax} steps of calm: {string.Join(", ", Partitions().Select(partition => $"{partition} is committed up to {_world.Broker.Committed(_settings.Group, partition).Offset} of {_world.Broker.End(partition)}"))}");
    }

    private bool IsAllCommitted() =>
        _world.Broker.IsSettled && _feed.IsEmpty && Partitions().All(partition => _world.Broker.Committed(_settings.Group, partition).Offset == _world.Broker.End(partition));

    private IEnumerable<TopicPartition> Partitions() =>
        Enumerable.Range(0, _settings.Pipeline.Partitions).Select(partition => new TopicPartition(_settings.Topics.Activity.Name, partition));
}

/// <summary>How a run ended; a fault is told as text.</summary>
internal sealed record RunResult(int Seed, string? Fault, RunCounts Counts);
