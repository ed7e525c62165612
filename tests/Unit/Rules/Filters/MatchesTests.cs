using System.Diagnostics;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary><c>matches</c>: cohorts.md §3.</summary>
public sealed class MatchesTests
{
    [Theory]
    // unanchored
    [InlineData("b+", "\"abba\"", true)]
    [InlineData("^b+", "\"abba\"", false)]
    [InlineData("^a.*a$", "\"abba\"", true)]
    [InlineData("", "\"\"", true)]
    // a number's text as it was written
    [InlineData(@"^\\d\\.0$", "5.0", true)]
    [InlineData(@"^\\d\\.0$", "5", false)]
    // .NET's classes, escapes undone before
    [InlineData(@"^\\w{3}$", "\"\\u00e9t\\u00e9\"", true)]
    [InlineData(@"^..$", "\"😀\"", true)]
    [InlineData("(?i)^ABBA$", "\"abba\"", true)]
    [InlineData("B", "[\"a\",null,[\"B\"],\"b\"]", false)]
    [InlineData("b", "[\"a\",null,[\"B\"],\"b\"]", true)]
    public void Holds_when(string pattern, string value, bool holds) =>
        Assert.Equal(holds, FilterAnswer.Of($$"""{ c: { matches: "{{pattern}}" } }""", $$"""{"c":{{value}}}"""));

    [Theory]
    [InlineData("5", "found the number 5, expected a regular expression of at most 500 characters")]
    [InlineData("'(a'", "found the text \"(a\", which is none (InsufficientClosingParentheses at character 3), expected a regular expression of at most 500 characters")]
    [InlineData("'[b-a]'", "found the text \"[b-a]\", which is none (ReversedCharacterRange at character 5), expected a regular expression of at most 500 characters")]
    [InlineData("'(?=a)b'", "found the text \"(?=a)b\", expected a regular expression of at most 500 characters, without what needs backtracking")]
    [InlineData("'(a)\\1'", "found the text \"(a)\\1\", expected a regular expression of at most 500 characters, without what needs backtracking")]
    [InlineData("'(a{100}){100}'", "found the text \"(a{100}){100}\", expected a regular expression of at most 500 characters, without what needs backtracking")]
    public void Is_refused(string pattern, string error) => Assert.StartsWith($"f.yaml:1:54: where.did.where.c.matches: {error}", Assert.Single(Parse(pattern).Errors).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Has_at_most_500_characters()
    {
        Assert.True(Parse(new('a', 500)).IsAccepted);
        Assert.Equal("a text of 501 characters", Assert.Single(Parse(new('a', 501)).Errors).Found);
    }

    [Fact]
    public void Has_at_most_1000_states_with_its_repetitions_written_out()
    {
        Assert.True(Parse("'a{900}'").IsAccepted);
        Assert.False(Parse("'a{1100}'").IsAccepted);
    }

    /// <summary>Each of these takes a backtracking engine longer than the world lasts; the bound is far above what they take here.</summary>
    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|aa)+$")]
    [InlineData("^((((a*)*)*)*)*$")]
    [InlineData("(a?){200}a{200}c")]
    [InlineData("(.*)(.*)(.*)(.*)(.*)(.*)(.*)c")]
    public void One_meant_to_hurt_does_not(string pattern)
    {
        var started = Stopwatch.GetTimestamp();
        Assert.False(FilterAnswer.Of($"{{ c: {{ matches: '{pattern}' }} }}", $$"""{"c":"{{new string('a', 2000)}}b"}"""));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));
    }

    private static ParseResult Parse(string pattern) => DefinitionParser.Parse($"{{id: a, where: {{did: {{event: x, where: {{c: {{matches: {pattern}}}}}}}}}}}", "f.yaml");
}
