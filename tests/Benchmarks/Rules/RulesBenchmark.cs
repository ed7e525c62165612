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
    private const int Batch = 1_000;
    private const int Rounds = 7;
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
        then {Rounds} rounds of {Events:N0}, of all cases by turns, in batches of {Batch:N0} that are drawn just before they are taken; drawing is not counted.
        """;

    public BenchmarkReport Run()
    {
        var plain = new Case(Few, readsProperties: false);
        var few = new Case(Few, readsProperties: true);
        Case[] more = [new(100, readsProperties: true), new(1_000, readsProperties: true), new(Many, readsProperties: true)];
        Case[] all = [plain, few, .. more];
        // Round by round, one case after the other: what the machine does meanwhile meets them all.
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var each in all)
                each.MeasureRound();
        }

        _rows.AddRange([plain.Row(baseline: null), few.Row(baseline: null), .. more.Select(each => each.Row(few.Name))]);
        var added = Median(more[^1].Nanoseconds.Zip(few.Nanoseconds, (many, one) => many - one));
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Many:N0} definitions add {added:N0} ns to what {Few} cost an event: the median of {Rounds} rounds' differences."));
        MeasureLoading();
        MeasureMemory();
        MeasureTimers();
        return new(_rows) { Notes = _notes, Summary = string.Create(CultureInfo.InvariantCulture, $"{_rows[1].PerSecond:N0} events/s, {added:N0} ns more at {Many:N0} definitions") };
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

    private static double Median(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        return sorted[sorted.Length / 2];
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

    /// <summary>A number of definitions, its profiles warm.</summary>
    private sealed class Case
    {
        private readonly RulesWorkload _workload;
        private readonly RulesPartition _partition;
        private readonly UserEvents _events = new(Batch);
        private readonly List<Measurement> _rounds = [];

        public Case(int definitions, bool readsProperties)
        {
            Name = $"{definitions:N0} definitions, {(readsProperties ? "properties read" : "no property read")}";
            _workload = new(definitions, readsProperties);
            _partition = new(_workload.Plan(), RulesWorkload.Profiles);
            for (var done = 0; done < Warm; done += Batch)
            {
                _workload.Draw(_events);
                _partition.Run(_workload, _events);
            }
        }

        public string Name { get; }

        /// <summary>Of an event, by round.</summary>
        public IEnumerable<double> Nanoseconds => _rounds.Select(round => round.Elapsed.TotalNanoseconds / round.Records);

        /// <summary>Each batch is at hand when it is taken, as a consumer has just read it.</summary>
        public void MeasureRound()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var round = new Measurement(Events, default, default, default);
            for (var done = 0; done < Events; done += Batch)
            {
                _workload.Draw(_events);
                var before = Meter.Read();
                _partition.Run(_workload, _events);
                round += before.Until(Meter.Read(), Batch);
            }

            _rounds.Add(round);
        }

        public BenchmarkRow Row(string? baseline) => new(Name, baseline, _rounds);
    }
}
