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
    public void Of_clauses(string clause, bool isAccepted) => AssertBoth($$"""{"id":"a","where":{{clause}}}""", isAccepted);

    private static void AssertBoth(string json, bool isAccepted)
    {
        Assert.Equal(isAccepted, DefinitionParser.Parse(json, "f.json").IsAccepted);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(isAccepted, Schema.Evaluate(document.RootElement).IsValid);
    }
}
