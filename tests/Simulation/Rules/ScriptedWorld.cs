using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>A world in which only that happens which a test says: all else goes well and at once.</summary>
internal sealed class ScriptedWorld(GroupProtocol protocol = GroupProtocol.Cooperative) : SimulatedWorld(seed: 1, FaultPlan.None, journal: null, protocol)
{
    /// <summary>What becomes of the next requests that end a transaction; Answered once there are no more.</summary>
    public Queue<RequestFate> Ends { get; } = new();

    /// <summary>How long those wait for their markers that <see cref="IsWaiting"/> says.</summary>
    public TimeSpan MarkersWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Partitions, and groups (null), that wait for their markers.</summary>
    public Predicate<TopicPartition?> IsWaiting { get; set; } = _ => false;

    /// <summary>How late requests come that are late.</summary>
    public TimeSpan LateBy { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs inside of every call.</summary>
    public Action<SimulatedLog, LogCall>? AtEachCall { get; set; }

    public override void AtCall(SimulatedLog client, LogCall call) => AtEachCall?.Invoke(client, call);

    public override void Wait(SimulatedLog client, TimeSpan duration) => Pass(duration);

    public override int BatchSize(int max) => max;

    public override bool FlushesNow() => true;

    public override RequestFate OfEnd(SimulatedLog client, bool isCommit) => client != Untroubled && Ends.TryDequeue(out var fate) ? fate : RequestFate.Answered;

    public override TimeSpan MarkerDelay(TopicPartition? partition) => IsWaiting(partition) ? MarkersWait : TimeSpan.Zero;

    public override TimeSpan Lateness() => LateBy;

    public override TimeSpan Patience() => TimeSpan.FromSeconds(1);

    public override bool HearsOfGeneration() => true;

    public override int FirstMember(int count) => 0;

    /// <summary>So much time passes for everybody; nobody takes a step.</summary>
    public override void Pass(TimeSpan duration)
    {
        Broker.Clock.Advance(duration);
        Broker.PassTime();
    }

    /// <summary>The process sleeps for so long, and sends no heartbeats, while others do what is said here.</summary>
    public void Sleep(SimulatedLog client, TimeSpan duration, Action meanwhile)
    {
        client.IsAsleep = true;
        Pass(duration);
        meanwhile();
        client.IsAsleep = false;
    }
}
