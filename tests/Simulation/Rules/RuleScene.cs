using System.Text;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using CohortPipeline.Tests.Simulation.Evaluator;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>A few evaluators on a scripted world: a test starts them, steps them, and holds what they wrote against the oracle.</summary>
internal sealed class RuleScene
{
    /// <summary>What the records of these tests are about: an exit follows each enter by time alone.</summary>
    public const string Buyers = """{"id":"buyers","where":{"did":{"event":"bought","within":"1m","count":{"at_least":2}}}}""";

    public const long Noon = 1_772_323_200_000;

    private const int StepsMax = 2_000;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(50);

    private readonly OracleOptions _oracle = new() { RecordClock = true, SourceTopics = ["events"] };
    private readonly ILogWriter _writer;
    private readonly OutputTopic _activity;
    private int _incarnations;

    public RuleScene(int partitions = 1, GroupProtocol protocol = GroupProtocol.Cooperative, int timerSlice = 100, TimeSpan? commitInterval = null)
    {
        World = new(protocol);
        Settings = new(World.Random, _oracle, partitions);
        Settings.Options.TimerSlice = timerSlice;
        Settings.Options.CommitInterval = commitInterval ?? CommitInterval;
        foreach (var topic in Settings.Topics.All)
            World.Broker.Create(topic);
        var log = World.Untroubled = World.Broker.Connect("feed");
        _writer = log.OpenWriter("feed");
        _activity = _writer.Topic(Settings.Topics.Activity.Name);
    }

    /// <summary>Defines the cohort, and makes these its members.</summary>
    public static ActivityScript Purchases(params string[] profiles) => MorePurchases(new ActivityScript().Define(("buyers", 1, Buyers)), Noon, profiles);

    /// <summary>More of the same, half a minute later, without the definition.</summary>
    public static ActivityScript LaterPurchases(params string[] profiles) => MorePurchases(new ActivityScript(), Noon + 30_000, profiles);

    /// <summary>An hour later: nobody is a member any more.</summary>
    public static ActivityScript AnHourLater() => new ActivityScript().Until(Noon + 3_600_000);

    private static ActivityScript MorePurchases(ActivityScript script, long instant, string[] profiles)
    {
        foreach (var profile in profiles)
            script.Event(profile, "bought", instant).Event(profile, "bought", instant + 1_000);
        return script;
    }

    public ScriptedWorld World { get; }

    public Broker Broker => World.Broker;

    public EvaluatorSettings Settings { get; }

    public TopicPartition Activity(int partition = 0) => new(Settings.Topics.Activity.Name, partition);

    public CommittedPosition Committed(int partition = 0) => Broker.Committed(Settings.Group, Activity(partition));

    /// <summary>Writes records to <c>activity</c>, in one transaction.</summary>
    public void Write(ActivityScript records, int partition = 0)
    {
        foreach (var record in records.Records)
            _writer.Append(_activity, partition, record.Key.Length == 0 ? Bytes.Null : Encoding.UTF8.GetBytes(record.Key), record.Value);
        Assert.Equal(CommitOutcome.Committed, _writer.Commit(null, []));
    }

    public ProcessLife Start(int ordinal = 0) => new(World, Settings.Setup, ordinal, ++_incarnations);

    /// <summary>Steps these until it is so.</summary>
    public void StepUntil(Func<bool> isSo, params ProcessLife[] lives)
    {
        for (var steps = 0; !isSo(); steps++)
        {
            Assert.True(steps < StepsMax, $"not so after {StepsMax} steps; {string.Join("; ", Enumerable.Range(0, Settings.Pipeline.Partitions).Select(partition => $"{Committed(partition)} of {Broker.End(Activity(partition))}"))}");
            Step(lives);
        }
    }

    /// <summary>Steps these for so long: enough for partitions to come and go, and less than any time-out.</summary>
    public void StepFor(TimeSpan duration, params ProcessLife[] lives)
    {
        var until = Broker.Clock.Elapsed + duration;
        StepUntil(() => Broker.Clock.Elapsed >= until, lives);
    }

    /// <summary>Steps these until all that is there is read, committed, and nothing more comes of it.</summary>
    public void StepToEnd(params ProcessLife[] lives)
    {
        StepUntil(IsAllCommitted, lives);
        for (var commits = -1L; commits != World.Counts.Commits || !Broker.IsSettled;)
        {
            commits = World.Counts.Commits;
            for (var turn = 0; turn < 5; turn++)
                Step(lives);
        }
    }

    public bool IsAllCommitted() => Enumerable.Range(0, Settings.Pipeline.Partitions).All(partition => Committed(partition).Offset == Broker.End(Activity(partition)));

    /// <summary>What is committed is what the oracle says.</summary>
    public void AssertAgrees() => Assert.Null(new EvaluatorVerdict(Broker, Settings, _oracle).FirstFault(World.Counts));

    private void Step(ProcessLife[] lives)
    {
        World.Pass(BetweenSteps);
        foreach (var life in lives)
        {
            // Its lane's turn, and a step of each partition's restore.
            for (var step = 0; step <= Settings.Pipeline.Partitions && !life.IsOver; step++)
                life.Step();
        }
    }
}
