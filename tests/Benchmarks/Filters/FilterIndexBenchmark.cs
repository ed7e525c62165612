using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Benchmarks.Filters;

/// <summary>What it costs to find the filters of one event type that match an event, as there are more of them.</summary>
public sealed class FilterIndexBenchmark : IBenchmark
{
    private const int Seed = 15;
    private const int MatchesOfEachKind = 2;
    private const int PriceMax = 1000;
    private const int EventCount = 1000;
    private const int Rounds = 5;
    private const int FiltersAskedPerRound = 1_000_000;
    private const int EventsMin = 100;
    private const int EventsMax = 50_000;

    private static readonly int[] FilterCounts = [10, 100, 1_000, 10_000];

    private readonly List<BenchmarkRow> _rows = [];
    private readonly EventValues _values = new();
    private readonly FilterMatches _matches = new();

    public string Name => "filters";

    public string Title => "Finding the filters that match";

    public string Workload =>
        $$$"""
        Filters of one event type, one half on a category (`{category: [c7, other], is_member: true}`), one half on a range of prices, spread so that an event matches some {{{2 * MatchesOfEachKind}}} of them however many there are; "with texts":
        one in ten begins with a path of its own instead (`{url: {starts_with: /c7/}}`), which no index files. {{{EventCount:N0}}} different events of five properties (text, number, boolean, list, object; seed {{{Seed}}}), again and again, {{{Rounds}}} rounds after one
        that does not count. An event's properties are loaded from JSON in each case; "load" is that alone.
        """;

    public BenchmarkReport Run()
    {
        Add("load", baseline: null, EventsMax, Events(FilterCounts[^1]), Load);
        var found = new List<string>();
        foreach (var withTexts in (bool[])[false, true])
        {
            foreach (var count in FilterCounts)
            {
                var (filters, events) = (Parse(count, withTexts), Events(count));
                var index = new FilterIndex(filters);
                var name = string.Create(CultureInfo.InvariantCulture, $"{count:N0} filters{(withTexts ? " with texts" : "")}");
                Add($"each asked, {name}", baseline: null, Math.Clamp(FiltersAskedPerRound / count, EventsMin, EventsMax), events, json => AskEach(json, filters));
                Add($"index, {name}", $"each asked, {name}", EventsMax, events, json => Find(json, index));
                found.Add(Row(name, events, index));
            }
        }

        return new(_rows) { Notes = [$"| filters | match an event | asked |\n| --- | ---: | ---: |\n{string.Join('\n', found)}"] };
    }

    private void Add(string name, string? baseline, int eventsPerRound, byte[][] events, Action<byte[]> work)
    {
        var rounds = new List<Measurement>();
        for (var round = 0; round <= Rounds; round++)
        {
            var measured = Measurement.Of(eventsPerRound, () =>
            {
                for (var i = 0; i < eventsPerRound; i++)
                    work(events[i % EventCount]);
            });
            if (round > 0)
                rounds.Add(measured);
        }

        _rows.Add(new(name, baseline, rounds));
    }

    private string Row(string name, byte[][] events, FilterIndex index)
    {
        var (found, asked) = (0, 0);
        foreach (var json in events)
        {
            Find(json, index);
            found += _matches.Found.Length;
            asked += _matches.AskedCount;
        }

        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {(double)found / events.Length:0.0} | {(double)asked / events.Length:0.0} |");
    }

    private void Load(byte[] json) => _values.Properties.Load(json);

    private void AskEach(byte[] json, ImmutableArray<Filter> filters)
    {
        Load(json);
        foreach (var filter in filters)
            filter.Matches(_values);
    }

    private void Find(byte[] json, FilterIndex index)
    {
        Load(json);
        index.All.Find(_values, _matches);
    }

    private static byte[][] Events(int filterCount)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, EventCount).Select(_ => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$$"""{"category":"c{{{random.Next(Categories(filterCount))}}}","price":{{{random.Next(PriceMax * 100) / 100.0}}},"is_member":true,"tags":["new","sale"],"cart":{"total":99.5,"items":3},"url":"/c{{{random.Next(10_000)}}}/shoes"}""")))];
    }

    private static ImmutableArray<Filter> Parse(int count, bool withTexts)
    {
        var ofEachKind = count / 2;
        var width = (decimal)PriceMax * MatchesOfEachKind / ofEachKind;
        var texts = Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"f{i}\",\"where\":{{\"did\":{{\"event\":\"x\",\"where\":{FilterText(i)}}}}}}}"));
        var parsed = DefinitionParser.Parse($"[{string.Join(",\n", texts)}]", "filters.json");
        return [.. parsed.Definitions.Select(definition => ((DidClause)definition.Where).Match.Where)];

        string FilterText(int i) => i switch
        {
            _ when withTexts && i % 10 == 9 => string.Create(CultureInfo.InvariantCulture, $$$"""{"url":{"starts_with":"/c{{{i}}}/"} }"""),
            _ when i % 2 == 0 => string.Create(CultureInfo.InvariantCulture, $$$"""{"category":{"in":["c{{{i / 2 % Categories(count)}}}","other"]},"is_member":true}"""),
            _ => string.Create(CultureInfo.InvariantCulture, $$"""{"price":{"at_least":{{LowestPrice(i)}},"less_than":{{LowestPrice(i) + width}} } }"""),
        };

        decimal LowestPrice(int i) => PriceMax * (i / 2) / (decimal)ofEachKind;
    }

    /// <summary>So many that each is in as many filters as are to match.</summary>
    private static int Categories(int filterCount) => Math.Max(1, filterCount / 2 / MatchesOfEachKind);
}
