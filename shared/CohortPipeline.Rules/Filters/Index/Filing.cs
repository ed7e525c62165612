using CohortPipeline.Rules.Filters.Operators;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Decides under what filters are filed. A filter that needs several things is filed under the one that fewest events seem to
/// have: a value of a path of which the filters know many values is rare, one that is the only value they know is not.
/// </summary>
internal sealed class Filing
{
    private readonly Dictionary<string, int> _valuesOfPath;

    public Filing(IEnumerable<Filter> filters) => _valuesOfPath = filters
        .SelectMany(Everything)
        .Where(posting => posting is NumberPosting or TextPosting)
        .Distinct()
        .GroupBy(posting => posting.Path, StringComparer.Ordinal)
        .ToDictionary(values => values.Key, values => values.Count(), StringComparer.Ordinal);

    /// <summary>The filter matches only where one of these is found; null for a filter that must always be asked.</summary>
    public Posting[]? Of(Filter filter) => Alternatives(filter)
        .MinBy(postings => postings.Sum(posting => posting.Share(_valuesOfPath.GetValueOrDefault(posting.Path))));

    /// <summary>Whether the filter matches wherever one of its postings is found, a range by a value that is alone: it asks for one of some values or for a range, and nothing else.</summary>
    public static bool Decides(Posting[]? postings, Filter filter) =>
        filter is { Paths: [{ Tests: [var test] }], All: [], Any: [], Not: null }
        && postings is not null
        && test switch
        {
            EqualityTest { IsPositive: true } => Array.TrueForAll(postings, posting => posting is NumberPosting or TextPosting),
            BetweenTest or OrderTest => test.Range is { HasLow: true, HasHigh: true } && postings is [RangePosting],
            _ => false,
        };

    /// <summary>Each entry is enough to file the filter under.</summary>
    private IEnumerable<Posting[]> Alternatives(Filter filter)
    {
        foreach (var postings in filter.Paths.SelectMany(OfPath).Concat(filter.All.SelectMany(Alternatives)))
            yield return postings;
        if (filter.Any.IsEmpty)
            yield break;
        var branches = filter.Any.Select(Of).ToArray();
        if (Array.TrueForAll(branches, branch => branch is not null))
            yield return [.. branches.SelectMany(branch => branch!).Distinct()];
    }

    private static IEnumerable<Posting> Everything(Filter filter) =>
        filter.Paths.SelectMany(OfPath).SelectMany(postings => postings).Concat(filter.All.Concat(filter.Any).SelectMany(Everything));

    private static IEnumerable<Posting[]> OfPath(PathTest test)
    {
        var path = test.Path.Text;
        foreach (var equality in test.Tests.OfType<EqualityTest>().Where(equality => equality is { IsPositive: true, IgnoresCase: false }))
            yield return [.. equality.Operands.Select(operand => operand.IsNumeric ? (Posting)new NumberPosting(path, operand.Number) : new TextPosting(path, operand.Text)).Distinct()];
        var ranges = test.Tests.Select(operation => operation.Range).OfType<NumberRange>().ToArray();
        if (ranges.Length > 0)
            yield return [new RangePosting(path, ranges.Max(range => range.Low), ranges.Min(range => range.High))];
        if (test.Tests.Any(operation => operation.IsPositive))
            yield return [new PresencePosting(path)];
    }
}
