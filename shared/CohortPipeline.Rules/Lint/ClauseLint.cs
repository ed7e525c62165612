using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Rules.Lint;

/// <summary>A clause that must hold, or with <paramref name="IsNegated"/> must not, for all around it to hold.</summary>
internal sealed record Demand(Clause Clause, bool IsNegated, SourcePath Path)
{
    public string Key { get; } = CanonicalJson.ToText(Clause.Write);
}

/// <summary>Goes through the tree of a definition.</summary>
internal sealed class ClauseLint(Findings findings)
{
    private readonly FilterLint _filters = new(findings);

    public void Check(Clause clause, SourcePath path)
    {
        var demands = Demands(clause, isNegated: false, path).ToArray();
        for (var i = 0; i < demands.Length; i++)
        {
            for (var other = 0; other < i; other++)
                CheckPair(demands[other], demands[i]);
        }

        _filters.CheckTests([.. demands.Where(demand => !demand.IsNegated && demand.Clause is PropertyClause).SelectMany(TestsOf)]);
        foreach (var demand in demands)
            CheckInside(demand);
    }

    /// <summary>What must hold together: <c>all</c> is taken apart, and so is the negation of <c>any</c>.</summary>
    private static IEnumerable<Demand> Demands(Clause clause, bool isNegated, SourcePath path) => clause switch
    {
        NotClause not => Demands(not.Entry, !isNegated, path.Member("not")),
        AllClause all when !isNegated => all.Entries.SelectMany((entry, i) => Demands(entry, isNegated, path.Member("all").Item(i))),
        AnyClause any when isNegated => any.Entries.SelectMany((entry, i) => Demands(entry, isNegated, path.Member("any").Item(i))),
        _ => [new(clause, isNegated, path)],
    };

    private static IEnumerable<PlacedTest> TestsOf(Demand demand)
    {
        var clause = (PropertyClause)demand.Clause;
        return clause.Tests.Select(test => new PlacedTest(clause.Path, test, demand.Path));
    }

    private void CheckPair(Demand first, Demand second)
    {
        var isOpposite = first.IsNegated != second.IsNegated && first.Key == second.Key;
        if (isOpposite || (MeasureDemand.Of(first) is { } one && MeasureDemand.Of(second) is { } other && one.Excludes(other)))
            findings.AddNever(second.Path, first.Path);
    }

    private void CheckInside(Demand demand)
    {
        switch (demand.Clause)
        {
            case AllClause all:
                CheckEach(all.Entries, demand.Path.Member("all"));
                break;
            case AnyClause any:
                CheckEach(any.Entries, demand.Path.Member("any"));
                break;
            case DidClause did:
                _filters.Check(did.Match.Where, demand.Path.Member("did").Member("where"));
                break;
            case SequenceClause sequence:
                CheckSteps(sequence, demand.Path.Member("sequence").Member("steps"));
                break;
            case PropertyClause property:
                _filters.CheckInside(property.Path, property.Tests, demand.Path.Member("property"));
                _filters.CheckInside(property.Path, property.OnceTests, demand.Path.Member("property").Member(PropertyClause.EverWas));
                break;
        }
    }

    private void CheckEach(IEnumerable<Clause> entries, SourcePath path)
    {
        foreach (var (i, entry) in entries.Index())
            Check(entry, path.Item(i));
    }

    private void CheckSteps(SequenceClause sequence, SourcePath path)
    {
        foreach (var (i, step) in sequence.Shape.Steps.Index())
            _filters.Check(step.Match.Where, path.Item(i).Member("where"));
        if (sequence.Shape.Absent is { } absent)
            _filters.Check(absent.Match.Where, path.Item(sequence.Shape.Steps.Length).Member("not").Member("where"));
    }
}
