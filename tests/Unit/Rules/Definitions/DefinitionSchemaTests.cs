using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using Json.Schema;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>The published schema accepts and refuses what the parser does.</summary>
public sealed class DefinitionSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(DefinitionSchema.ReadText());

    [Theory]
    [InlineData("""{"id":"a","where":{"did":{"event":"x"}}}""", true)]
    [InlineData("""[{"id":"a","where":{"did":{"event":"x"}}},{"id":"b","where":{"did":{"event":"x"}}}]""", true)]
    [InlineData("""{"id":"a","name":"A","description":"","time_zone":"Europe/Berlin","export_properties":["*"],"labels":{"x":"y"},"where":{"did":{"event":"*"}}}""", true)]
    [InlineData("[]", false)]
    [InlineData("5", false)]
    [InlineData("""{"id":"A","where":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"where":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"id":"a"}""", false)]
    [InlineData("""{"id":"a","nmae":"x","where":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"id":"a","name":"","where":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"id":"a","export_properties":["*","x"],"where":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"id":"a","labels":{"x":1},"where":{"did":{"event":"x"}}}""", false)]
    public void Of_files(string json, bool isAccepted) => AssertBoth(json, isAccepted);

    [Theory]
    [InlineData("""{"all":[{"any":[{"not":{"did":{"event":["x","y"],"within":"1d12h","count":{"between":[1,2]}}}}]}]}""", true)]
    [InlineData("""{"did":{"event":"x","where":{"a.b":1,"/c/0":[1,"2",true],"$platform":{"is_not":"ios"},"all":[{"d":{"at_least":5,"less_than":"9"}}],"any":[{}],"not":{"e":{"exists":true}}}}}""", true)]
    [InlineData("""{"property":{"name":"plan","in":["pro"],"not_in":["x"],"between":[1,2]}}""", true)]
    [InlineData("""{"property":{"name":"/$email","exists":false}}""", true)]
    [InlineData("{}", false)]
    [InlineData("""{"did":{"event":"x"},"not":{"did":{"event":"x"}}}""", false)]
    [InlineData("""{"sequence":{"steps":[]}}""", false)]
    [InlineData("""{"all":[]}""", false)]
    [InlineData("""{"did":{}}""", false)]
    [InlineData("""{"did":{"event":5}}""", false)]
    [InlineData("""{"did":{"event":["x","*"]}}""", false)]
    [InlineData("""{"did":{"event":"x","within":7}}""", false)]
    [InlineData("""{"did":{"event":"x","within":""}}""", false)]
    [InlineData("""{"did":{"event":"x","within":"12h1d"}}""", false)]
    [InlineData("""{"did":{"event":"x","count":3}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"at_least":1,"at_most":2}}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"at_least":1.5}}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"at_least":10001}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":null}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":[]}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"like":"x"}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"at_least":"many"}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"$":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"/a~2":1}}}""", false)]
    [InlineData("""{"property":{"name":"plan"}}""", false)]
    [InlineData("""{"property":{"is":"pro"}}""", false)]
    [InlineData("""{"property":{"name":"$platform","is":"ios"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"2026-01-01","days":{"between":[2,3]}}}""", true)]
    [InlineData("""{"did":{"event":"x","since":"2026-01-01T10:00:00.5+02:00","count":{"exactly":0}}}""", true)]
    [InlineData("""{"did":{"event":"x","between":["2026-01-01","2026-02-01T00:00Z"],"distinct":{"of":"a.b","more_than":2}}}""", true)]
    [InlineData("""{"did":{"event":"x","calendar":{"days":400},"sum":{"of":"$page.n","at_least":"0.5"}}}""", true)]
    [InlineData("""{"did":{"event":"x","calendar":{"weeks":57},"avg":{"of":"/a/0","less_than":-1000000000000000}}}""", true)]
    [InlineData("""{"did":{"event":"x","calendar":{"months":13},"min":{"of":"a","exactly":0.123456789}}}""", true)]
    [InlineData("""{"did":{"event":"x","max":{"of":"a","between":[-1,1e3]}}}""", true)]
    [InlineData("""{"did":{"event":"*","nth":100,"within":"7d"}}""", true)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"contains":"a","not_contains":"b","starts_with":"","ends_with":"d","matches":"^a","ignore_case":true}}}}""", true)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"has":{"d":1,"any":[{"/e":{"has":{}}}]},"is":5,"ignore_case":false}}}}""", true)]
    [InlineData("""{"property":{"name":"a","has":{"b":{"at_least":5}}}}""", true)]
    [InlineData("""{"property":{"name":"a","in_last":"7d"}}""", true)]
    [InlineData("""{"property":{"name":"a","in_next":"1h","before":"now","after":"2026-01-01","exists":true}}""", true)]
    [InlineData("""{"property":{"name":"a","ever_was":{"is":"trial","ignore_case":true}}}""", true)]
    [InlineData("""{"in_cohort":"b-1"}""", true)]
    [InlineData("""{"sequence":{"steps":[{"event":"a","where":{"v":{"at_least":50}}},{"event":["b","c"],"within":"30m"},{"not":{"event":"d","where":{"e":1}},"within":"2h"}],"span":"1d","within":"7d"}}""", true)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"b"}],"since":"2026-01-01"}}""", true)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"b"}],"between":["2026-01-01","2026-01-02"]}}""", true)]
    [InlineData("""{"did":{"event":"x","since":"2026-01-01T10:00:00"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"2026-1-1"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"2026-13-01"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"now"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":1772359200}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"2026-01-01 10:00:00Z"}}""", false)]
    [InlineData("""{"did":{"event":"x","since":"0000-01-01"}}""", false)]
    [InlineData("""{"did":{"event":"x","within":"7d","since":"2026-01-01"}}""", false)]
    [InlineData("""{"did":{"event":"x","between":["2026-01-01"]}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"days":401}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"weeks":58}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"months":14}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"days":0}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"days":1,"weeks":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{"years":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","calendar":{}}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"at_least":1},"days":{"at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"at_least":1},"nth":1}}""", false)]
    [InlineData("""{"did":{"event":"x","nth":0}}""", false)]
    [InlineData("""{"did":{"event":"x","nth":101}}""", false)]
    [InlineData("""{"did":{"event":"x","nth":{"at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","distinct":{"at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","distinct":{"of":"a"}}}""", false)]
    [InlineData("""{"did":{"event":"x","distinct":{"of":"a","at_least":0.5}}}""", false)]
    [InlineData("""{"did":{"event":"x","distinct":{"of":"a","at_least":1,"at_most":2}}}""", false)]
    [InlineData("""{"did":{"event":"x","distinct":{"of":"","at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","sum":{"of":"a","at_least":1000000000000001}}}""", false)]
    [InlineData("""{"did":{"event":"x","sum":{"of":"a","at_least":"many"}}}""", false)]
    [InlineData("""{"did":{"event":"x","sum":{"of":5,"at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","count":{"of":"a","at_least":1}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"contains":5}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"starts_with":["a"]}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"ignore_case":true}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"at_least":5,"ignore_case":true}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"is":"a","ignore_case":"yes"}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"has":"a"}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"has":{"$d":1}}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"has":{"any":[{"$d":1}]}}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"in_last":"7d"}}}}""", false)]
    [InlineData("""{"did":{"event":"x","where":{"c":{"in":[]}}}}""", false)]
    [InlineData("""{"property":{"name":"a","ignore_case":true}}""", false)]
    [InlineData("""{"property":{"name":"a","ignore_case":true,"in_last":"7d"}}""", false)]
    [InlineData("""{"property":{"name":"a","in_last":7}}""", false)]
    [InlineData("""{"property":{"name":"a","before":"soon"}}""", false)]
    [InlineData("""{"property":{"name":"a","before":5}}""", false)]
    [InlineData("""{"property":{"name":"a","ever_was":{}}}""", false)]
    [InlineData("""{"property":{"name":"a","ever_was":"trial"}}""", false)]
    [InlineData("""{"property":{"name":"a","ever_was":{"in_last":"7d"}}}""", false)]
    [InlineData("""{"property":{"name":"a","has":{"$d":1}}}""", false)]
    [InlineData("""{"in_cohort":"B"}""", false)]
    [InlineData("""{"in_cohort":["b"]}""", false)]
    [InlineData("""{"sequence":{}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a","within":"1d"},{"event":"b"}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"not":{"event":"a"},"within":"1d"},{"event":"b"}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"not":{"event":"b"}}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"c","not":{"event":"b"},"within":"1d"}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"not":{"event":"b","within":"1d"},"within":"1d"}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"where":{}}]}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"b"}],"calendar":{"days":1}}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"b"}],"within":"7d","since":"2026-01-01"}}""", false)]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"},{"event":"a"}]}}""", false)]
    public void Of_clauses(string clause, bool isAccepted) => AssertBoth($$"""{"id":"a","where":{{clause}}}""", isAccepted);

    /// <summary>What the schema's own description leaves to the parser.</summary>
    [Theory]
    [InlineData("""{"did":{"event":"x","within":"401d"}}""")]
    [InlineData("""{"did":{"event":"x","within":"0s"}}""")]
    [InlineData("""{"did":{"event":"x","since":"2026-02-30"}}""")]
    [InlineData("""{"did":{"event":"x","between":["2026-02-01","2026-01-01"]}}""")]
    [InlineData("""{"did":{"event":"x","count":{"between":[2,1]}}}""")]
    [InlineData("""{"did":{"event":"x","sum":{"of":"a","at_least":0.1234567891}}}""")]
    [InlineData("""{"did":{"event":"x","where":{"c":{"between":[2,1]}}}}""")]
    [InlineData("""{"did":{"event":"x","where":{"c":{"matches":"("}}}}""")]
    [InlineData("""{"did":{"event":"x","where":{"c":{"at_least":"79228162514264337593543950336"}}}}""")]
    [InlineData("""{"sequence":{"steps":[{"event":"a"},{"not":{"event":"b"},"within":"1d"},{"event":"c"}]}}""")]
    public void Of_what_a_schema_cannot_say(string clause)
    {
        var json = $$"""{"id":"a","where":{{clause}}}""";
        Assert.False(DefinitionParser.Parse(json, "f.json").IsAccepted);
        Assert.True(IsValid(json));
    }

    /// <summary>Each field of a definition left out, misspelt, or given a value of every other kind.</summary>
    [Fact]
    public void Of_every_small_change_to_definitions_that_use_the_whole_language()
    {
        var (accepted, refused) = (0, 0);
        foreach (var json in SmallChanges.Of(WholeLanguage))
        {
            var errors = DefinitionParser.Parse(json, "f.json").Errors;
            var isAccepted = errors.All(error => CannotSay.Any(sentence => error.ToString().Contains(sentence, StringComparison.Ordinal)));
            Assert.True(isAccepted == IsValid(json), $"the parser {(isAccepted ? "accepts" : "refuses")}, the schema does not: {json}");
            _ = isAccepted ? accepted++ : refused++;
        }

        Assert.InRange(accepted, 100, int.MaxValue);
        Assert.InRange(refused, 1000, int.MaxValue);
    }

    private static readonly string[] CannotSay = ["the lower number first", "the earlier instant first", "which is none ("];

    private static readonly string[] WholeLanguage =
    [
        """{"id":"a","name":"A","description":"d","export_properties":["p"],"labels":{"x":"y"},"where":{"all":[{"any":[{"in_cohort":"b"}]},{"not":{"did":{"event":["x"],"where":{"p":1},"within":"7d","count":{"between":[1,2]}}}}]}}""",
        """{"id":"a","where":{"did":{"event":"x","where":{"$p":[1,"2"],"all":[{"q":true}],"any":[{"r":{"exists":true}}],"not":{"/s":"t"}},"since":"2026-01-01","days":{"at_least":1}}}}""",
        """{"id":"a","where":{"did":{"event":"x","where":{"p":{"is":"a","is_not":"b","in":[1],"not_in":["c"],"contains":"d","not_contains":"e","starts_with":"f","ends_with":"g","matches":"h","ignore_case":true}},"between":["2026-01-01","2026-02-01T00:00:00Z"],"distinct":{"of":"p","at_most":1}}}}""",
        """{"id":"a","where":{"did":{"event":"x","where":{"p":{"less_than":1,"at_most":2,"more_than":3,"at_least":4,"between":[1,2],"has":{"q":{"has":{"r":1}},"any":[{"s":1}]},"exists":false}},"calendar":{"weeks":2},"sum":{"of":"p","more_than":1.5}}}}""",
        """{"id":"a","where":{"did":{"event":"x","calendar":{"days":2},"avg":{"of":"p","between":[1,2]}}}}""",
        """{"id":"a","where":{"did":{"event":"x","calendar":{"months":2},"nth":2}}}""",
        """{"id":"a","where":{"sequence":{"steps":[{"event":"x","where":{"p":1}},{"event":"y","within":"1h"},{"not":{"event":"z","where":{"p":1}},"within":"1h"}],"span":"1d","within":"7d"}}}""",
        """{"id":"a","where":{"property":{"name":"p","is":"a","has":{"q":1},"in_last":"7d","in_next":"7d","before":"now","after":"2026-01-01","ever_was":{"at_least":5}}}}""",
    ];

    private static void AssertBoth(string json, bool isAccepted)
    {
        Assert.Equal(isAccepted, DefinitionParser.Parse(json, "f.json").IsAccepted);
        Assert.Equal(isAccepted, IsValid(json));
    }

    private static bool IsValid(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Schema.Evaluate(document.RootElement).IsValid;
    }
}
