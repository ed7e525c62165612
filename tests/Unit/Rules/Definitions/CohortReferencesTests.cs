using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>Who may ask for membership of whom: cohorts.md §2.4.</summary>
public sealed class CohortReferencesTests
{
    [Theory]
    [InlineData("a>b b>c c")]
    [InlineData("a>b,c b>d c>d d")]
    public void A_net_without_circles_is_accepted(string net) => Assert.Empty(CohortReferences.Check(Net(net)));

    [Theory]
    [InlineData("a>a", "`a` → `a`")]
    [InlineData("a>b b>c c>b", "`b` → `c` → `b`")]
    [InlineData("c>a a>b b>c", "`a` → `b` → `c` → `a`")]
    public void A_circle_is_refused_once_with_its_members(string net, string circle) =>
        Assert.Contains(circle, Assert.Single(CohortReferences.Check(Net(net))), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_cohort_is_refused_and_is_no_circle()
    {
        Assert.Contains("`a` asks for membership of `x`", Assert.Single(CohortReferences.Check(Net("a>x"))), StringComparison.Ordinal);
        Assert.Empty(CohortReferences.Circles(Net("a>x")));
    }

    [Fact]
    public void Is_found_wherever_it_stands_in_a_definition() => Assert.Equal(
        ["b", "c"],
        CohortReferences.Of(DefinitionParser.Parse("id: a\nwhere: { any: [ { not: { in_cohort: c } }, { all: [ { in_cohort: b }, { did: { event: x } } ] } ] }", "a.yaml").Definitions[0]));

    private static Dictionary<string, ImmutableSortedSet<string>> Net(string text) => text.Split(' ').Select(part => part.Split('>')).ToDictionary(
        part => part[0],
        part => part is [_, var named] ? named.Split(',').ToImmutableSortedSet(StringComparer.Ordinal) : []);
}
