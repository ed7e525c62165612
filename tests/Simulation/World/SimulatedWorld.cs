using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>
/// Time, chance and who is next. One thread does everything: where a process waits inside a call, or sleeps, the others go on
/// in there, so that anything can happen in the middle of anything, and the same seed is the same run.
/// </summary>
internal class SimulatedWorld : Fates
{
    private static readonly TimeSpan LongestSlice = TimeSpan.FromSeconds(5);

    private readonly List<IActor> _actors = [];
    private readonly FaultPlan _plan;
    private readonly Journal? _journal;

    public SimulatedWorld(int seed, FaultPlan? plan, Journal? journal, GroupProtocol? protocol = null)
    {
        Random = new(seed);
        _plan = plan ?? FaultPlan.Draw(Random);
        _journal = journal;
        Broker = new(this, protocol ?? (GroupProtocol)Random.Next(3));
        Broker.WhenCommitted = _ => Counts.Commits++;
        if (journal is not null)
            journal.Now = () => Broker.Clock.Elapsed;
        Note($"{Broker.Protocol} group; {_plan}");
    }

    public Random Random { get; }

    public Broker Broker { get; }

    public FaultPlan Plan => IsCalm ? FaultPlan.None : _plan;

    public RunCounts Counts { get; } = new();

    public Journal? Journal => _journal;

    /// <summary>Nothing goes wrong any more: what is left is to come to an end.</summary>
    public bool IsCalm { get; set; }

    public void Add(IActor actor) => _actors.Add(actor);

    /// <summary>Clients of these are never in trouble.</summary>
    public SimulatedLog? Untroubled { get; set; }

    public void Note(string text) => _journal?.Note(text);

    public bool Chance(int of, int outOf) => of > 0 && Random.Next(outOf) < of;

    /// <summary>A moment passes, and somebody takes a step.</summary>
    public void Step(TimeSpan longest)
    {
        Advance(TimeSpan.FromTicks(Random.NextInt64(longest.Ticks + 1)));
        Counts.Steps++;
        _actors[Random.Next(_actors.Count)].Step();
    }

    /// <summary>Does what somebody does, under their name.</summary>
    public void Act(string name, Action action)
    {
        if (_journal is null)
        {
            action();
            return;
        }

        var before = _journal.Actor;
        _journal.Actor = name;
        try
        {
            action();
        }
        finally
        {
            _journal.Actor = before;
        }
    }

    /// <summary>So much time passes, and others go on.</summary>
    public virtual void Pass(TimeSpan duration)
    {
        var until = Broker.Clock.Elapsed + duration;
        while (Broker.Clock.Elapsed < until)
        {
            var left = until - Broker.Clock.Elapsed;
            Step(TimeSpan.FromTicks(Math.Min(left.Ticks, Math.Max(left.Ticks / 2, TimeSpan.TicksPerMillisecond))));
        }
    }

    public override void AtCall(SimulatedLog client, LogCall call)
    {
        if (client == Untroubled || IsCalm)
            return;
        if (Chance(_plan.Kills, 1_000))
        {
            Counts.Kills++;
            Note($"is killed at {call}");
            client.Kill();
            return;
        }

        if (Chance(_plan.Sleeps, 1_000))
            Sleep(client, call);
        if (call is not (LogCall.Append or LogCall.Abort or LogCall.Seek) && Chance(_plan.Unavailable, 1_000))
        {
            Counts.Unavailable++;
            Note($"gets no answer at {call}");
            throw new LogUnavailableException($"the simulated log does not answer at {call}");
        }
    }

    public override void Wait(SimulatedLog client, TimeSpan duration) => Pass(duration);

    public override int BatchSize(int max) => Math.Min(max, Random.Next(1, 13));

    public override bool FlushesNow() => Random.Next(8) == 0;

    public override bool TakesPositions(SimulatedLog client)
    {
        if (client == Untroubled || !Chance(Plan.Refusals, 100))
            return true;
        Counts.Refusals++;
        Note("has its positions refused");
        return false;
    }

    public override RequestFate OfEnd(SimulatedLog client, bool isCommit)
    {
        if (client == Untroubled || !Chance(Plan.Ends, 100))
            return RequestFate.Answered;
        Counts.Ends++;
        var fate = (RequestFate)Random.Next((int)RequestFate.Refused, (int)RequestFate.Late + 1);
        Note($"{(isCommit ? "commits" : "aborts")}: the request is {fate}");
        return fate;
    }

    public override TimeSpan MarkerDelay(TopicPartition? partition) => TimeSpan.FromTicks(Random.NextInt64(Plan.MarkerDelay.Ticks + 1));

    public override TimeSpan Lateness() => TimeSpan.FromMilliseconds(Random.Next(1, Random.Next(3) == 0 ? 40_000 : 2_000));

    public override TimeSpan Patience() => TimeSpan.FromMilliseconds(Random.Next(1, Random.Next(4) == 0 ? 20_000 : 1_000));

    public override bool HearsOfGeneration() => Random.Next(2) == 0;

    public override bool WaitsForOwners => _plan == FaultPlan.CleanRebalances || _plan == FaultPlan.None;

    public override int FirstMember(int count) => Random.Next(count);

    private void Sleep(SimulatedLog client, LogCall call)
    {
        Counts.Sleeps++;
        var duration = TimeSpan.FromMilliseconds(Random.Next(6) switch { 0 => Random.Next(40_000, 100_000), 1 => Random.Next(5_000, 30_000), _ => Random.Next(1, 500) });
        Note($"sleeps for {duration} at {call}");
        client.IsAsleep = true;
        Pass(duration);
        client.IsAsleep = false;
        if (Random.Next(3) == 0)
            client.Clock.Lag(duration);
        Note("wakes up");
    }

    private void Advance(TimeSpan duration)
    {
        Broker.Clock.Advance(duration > LongestSlice ? LongestSlice : duration);
        Broker.PassTime();
    }
}

/// <summary>Somebody who takes steps; who is in the middle of one lets others go on.</summary>
internal interface IActor
{
    void Step();
}
