using System.Diagnostics;
using System.Globalization;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Benchmarks.Rules;

/// <summary>What an event costs by the number of definitions, what a profile takes, and how long a million timers of one millisecond hold anybody up.</summary>
public sealed class RulesBenchmark : IBenchmark
{
    private const int Warm = 3_000_000;
    private const int Events = 300_000;
    private const int Rounds = 3;
    private const int Few = 10;
    private const int Many = 10_000;
    private const int SameTimers = 1_000_000;
    private const int TimerSlice = 1_000;
    private const long Instant = 1_772_359_200_000;
    private const long Week = 604_800_000;

    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];

    public string Name => "rules";

    public string Title => "The rules' step";

    public string Workload =>
        $"""
        One thread: an event to a profile, from the store's bytes and back into them, with its timers; decoding of `activity` is not in it. {RulesWorkload.Profiles:N0} profiles, 20 event types, an insert id each,
        {RulesWorkload.BehaviorsMatched} behaviors matched by an event on average (by a text, a list of texts, a range, a nested path, an array of texts; filters that are not found by a value or a range are asked one by one, see filters.md) of the ten that a user's events ever match, windows of 7 days that are full and slide. {Warm:N0} events that do not count,
        then {Rounds} rounds of {Events:N0}.
        """;

    public BenchmarkReport Run()
    {
        Measure(Few, readsProperties: false);
        var few = Measure(Few, readsProperties: true);
        Measure(100, readsProperties: true);
        Measure(1_000, readsProperties: true);
        var many = Measure(Many, readsProperties: true);
        var added = (1e9 / many.PerSecond) - (1e9 / few.PerSecond);
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Many:N0} definitions add {added:N0} ns to what {Few} cost an event."));
        MeasureLoading();
        MeasureMemory();
        MeasureTimers();
        return new(_rows) { Notes = _notes, Summary = string.Create(CultureInfo.InvariantCulture, $"{few.PerSecond:N0} events/s, {added:N0} ns more at {Many:N0} definitions") };
    }

    private BenchmarkRow Measure(int definitions, bool readsProperties)
    {
        var workload = new RulesWorkload(definitions, readsProperties);
        var partition = new RulesPartition(workload.Plan(), RulesWorkload.Profiles);
        partition.Run(workload, workload.Draw(Warm));
        var rounds = new List<Measurement>();
        for (var round = 0; round < Rounds; round++)
        {
            var events = workload.Draw(Events);
            rounds.Add(Measurement.Of(Events, () => partition.Run(workload, events)));
        }

        var row = new BenchmarkRow(
            $"{definitions:N0} definitions, {(readsProperties ? "properties read" : "no property read")}",
            readsProperties && definitions > Few ? $"{Few} definitions, properties read" : null,
            rounds);
        _rows.Add(row);
        return row;
    }

    private void MeasureLoading()
    {
        var workload = new RulesWorkload(Many, readsProperties: true);
        workload.Plan();
        var start = Stopwatch.GetTimestamp();
        workload.Plan();
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"Reading and compiling {Many:N0} definitions from YAML takes {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s."));
    }

    private void MeasureMemory()
    {
        const int behaviors = 8;
        const int events = 3;
        const int memberships = 20;
        var plan = new RulesWorkload(Many, readsProperties: true).Plan();
        var partition = new RulesPartition(plan, RulesWorkload.Profiles);
        var random = new Random(11);
        for (var profile = 0; profile < RulesWorkload.Profiles; profile++)
        {
            partition.Put(profile, state =>
            {
                state.FirstSeenAt = Instant - (20 * Week) - random.NextInt64(20 * Week);
                state.LastInstant = Instant;
                state.PlanGeneration = plan.Generation;
                foreach (var slot in Different(random, behaviors, Many))
                {
                    var remembered = state.BehaviorOf(slot);
                    for (var i = 0; i < events; i++)
                        remembered.Insert(Instant - random.NextInt64(Week), (uint)random.Next(1, int.MaxValue));
                }

                var entered = Enumerable.Range(0, memberships).Select(_ => Instant - random.NextInt64(4 * Week)).Order().ToArray();
                state.Version = random.Next(memberships, memberships * 4);
                state.ComputedAt = Instant / 1000;
                var version = state.Version - memberships;
                foreach (var (slot, place) in Different(random, memberships, Many).Select((slot, place) => (slot, place)))
                    state.AddMembership(new(slot, entered[place], ++version, CohortPipeline.Contracts.Instant.FloorToSeconds(entered[place])));
            });
        }

        partition.Promote();
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"A profile with {behaviors} behaviors of {events} remembered events each (time and insert hash, no two the same) and {memberships} memberships of {Many:N0} definitions takes {partition.BytesPerProfile:N0} B: all that the store holds (bytes, keys, index, free space) for {RulesWorkload.Profiles:N0} of them, by their number."));
    }

    private void MeasureTimers()
    {
        var parsed = DefinitionParser.Parse("id: seen\nwhere: { did: { event: view, within: 7d } }", "timers.yaml");
        var partition = new RulesPartition(CohortPlan.Empty.Apply([new("seen", 1, parsed.Definitions[0])]), SameTimers);
        partition.SeeAll("view"u8, Instant);
        var slices = new List<TimeSpan>();
        var fired = 0;
        for (var inSlice = TimerSlice; inSlice == TimerSlice; fired += inSlice)
        {
            var start = Stopwatch.GetTimestamp();
            inSlice = partition.FireDue(Instant + Week + 1, TimerSlice);
            slices.Add(Stopwatch.GetElapsedTime(start));
            partition.Promote();
        }

        slices.Sort();
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{fired:N0} timers due at the same millisecond are fired in slices of {TimerSlice:N0}, between which live records are taken: a slice takes {slices[slices.Count / 2].TotalMilliseconds:0.00} ms (median), {slices[^1].TotalMilliseconds:0.00} ms at the longest, all of them {slices.Sum(slice => slice.TotalSeconds):0.0} s."));
    }

    private static int[] Different(Random random, int count, int below)
    {
        var chosen = new SortedSet<int>();
        while (chosen.Count < count)
            chosen.Add(random.Next(below));
        var slots = chosen.ToArray();
        random.Shuffle(slots);
        return slots;
    }
}
