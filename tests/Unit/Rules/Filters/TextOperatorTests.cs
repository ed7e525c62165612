using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary>Operators on texts: cohorts.md §3.</summary>
public sealed class TextOperatorTests
{
    [Theory]
    // ordinal text
    [InlineData("contains: ho", "\"shoes\"", true)]
    [InlineData("contains: HO", "\"shoes\"", false)]
    [InlineData("contains: shoes", "\"shoes\"", true)]
    [InlineData("contains: shoess", "\"shoes\"", false)]
    [InlineData("not_contains: ho", "\"shoes\"", false)]
    [InlineData("not_contains: HO", "\"shoes\"", true)]
    [InlineData("starts_with: sho", "\"shoes\"", true)]
    [InlineData("starts_with: hoes", "\"shoes\"", false)]
    [InlineData("ends_with: oes", "\"shoes\"", true)]
    [InlineData("ends_with: shoe", "\"shoes\"", false)]
    // é as one character is not e with an accent behind it, and ß is not ss
    [InlineData("""contains: "\u00e9" """, "\"cafe\\u0301\"", false)]
    [InlineData("contains: ss, ignore_case: true", "\"Straße\"", false)]
    // escapes are undone before a text is looked at
    [InlineData("""contains: "a\"b" """, "\"xa\\\"b\"", true)]
    [InlineData("starts_with: é", "\"\\u00e9t\\u00e9\"", true)]
    [InlineData("ends_with: 😀", "\"ok \\ud83d\\ude00\"", true)]
    // a number's text is as it was written
    [InlineData("contains: '.0'", "5.0", true)]
    [InlineData("contains: '.0'", "5", false)]
    [InlineData("starts_with: 1e", "1e2", true)]
    [InlineData("starts_with: '100'", "1e2", false)]
    [InlineData("starts_with: '49'", "4917", true)]
    [InlineData("ends_with: ue", "true", true)]
    // ignore_case: true beside any of these folds case, as .NET's OrdinalIgnoreCase does
    [InlineData("contains: HO, ignore_case: true", "\"shoes\"", true)]
    [InlineData("not_contains: HO, ignore_case: true", "\"shoes\"", false)]
    [InlineData("starts_with: SH, ignore_case: true", "\"shoes\"", true)]
    [InlineData("ends_with: ES, ignore_case: true", "\"shoes\"", true)]
    [InlineData("is: ÄRGER, ignore_case: true", "\"ärger\"", true)]
    [InlineData("is_not: ÄRGER, ignore_case: true", "\"ärger\"", false)]
    [InlineData("in: [ΣΟΦΙΑ, x], ignore_case: true", "\"σοφια\"", true)]
    [InlineData("not_in: [ΣΟΦΙΑ, x], ignore_case: true", "\"σοφια\"", false)]
    [InlineData("is: I, ignore_case: true", "\"ı\"", false)]
    [InlineData("is: 1E40, ignore_case: true", "1e40", true)]
    [InlineData("is: TRUE, ignore_case: true", "true", true)]
    [InlineData("is: 5, ignore_case: true", "\"5.0\"", true)]
    [InlineData("matches: '^HO', ignore_case: true", "\"hose\"", true)]
    [InlineData("is: shoes, ignore_case: false", "\"Shoes\"", false)]
    // and beside others too, which it does not touch
    [InlineData("starts_with: '1E', at_least: 100, ignore_case: true", "1e2", true)]
    [InlineData("starts_with: '1E', at_least: 101, ignore_case: true", "1e2", false)]
    // an array satisfies a positive test if an element does, a negation if none does the positive one
    [InlineData("starts_with: b", "[\"shoes\",\"bags\"]", true)]
    [InlineData("contains: shoesbags", "[\"shoes\",\"bags\"]", false)]
    [InlineData("not_contains: a", "[\"shoes\",\"bags\"]", false)]
    [InlineData("not_contains: x", "[\"shoes\",\"bags\"]", true)]
    // several operators in one test, each by itself
    [InlineData("starts_with: s, ends_with: gs", "[\"shoes\",\"bags\"]", true)]
    [InlineData("starts_with: s, ends_with: gs", "[\"shoes\",\"hats\"]", false)]
    public void Hold_when(string test, string value, bool holds) =>
        Assert.Equal(holds, FilterAnswer.Of($"{{ c: {{ {test} }} }}", $$"""{"c":{{value}}}"""));

    [Fact]
    public void Long_texts_are_looked_at_whole()
    {
        var value = $$"""{"c":"{{new string('x', 10_000)}}é\u00c9"}""";
        Assert.True(FilterAnswer.Of("{ c: { ends_with: ÉÉ, ignore_case: true } }", value));
        Assert.True(FilterAnswer.Of("{ c: { ends_with: éÉ } }", value));
        Assert.False(FilterAnswer.Of("{ c: { ends_with: ÉÉ } }", value));
    }

    [Fact]
    public void A_number_that_was_computed_has_the_text_of_a_decimal()
    {
        var script = new PartitionScript("id: a\nwhere: { property: { name: n, is: 0.3, ends_with: '0.3' } }")
            .Identify("10:00", """{"$add":{"n":0.1}}""").Identify("10:01", """{"$add":{"n":0.2}}""");
        Assert.Equal(["enter a 2026-03-01T10:01:00.000Z identify"], script.Deltas);
    }
}
