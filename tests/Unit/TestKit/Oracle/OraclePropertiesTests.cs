using CohortPipeline.TestKit.Oracle;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Oracle;

public sealed class OraclePropertiesTests
{
    private static readonly OracleOptions RecordClock = new() { RecordClock = true, SourceTopics = ["events"] };

    [Theory]
    [InlineData("""{"$set":{"a":1,"b":2}}""", """{"$unset":{"a":"-"}}""", """{"b":2}""")]
    [InlineData("""{"$set":{"a":1}}""", """{"$set":{"a":null}}""", "")]
    [InlineData("""{"$set":{"a":1}}""", """{"$setOnce":{"a":5,"b":6}}""", """{"a":1,"b":6}""")]
    [InlineData("""{"$set":{"a":"1.10"}}""", """{"$add":{"a":2,"b":"3"}}""", """{"a":3.10,"b":3}""")]
    [InlineData("""{"$set":{"a":"x"}}""", """{"$add":{"a":2}}""", """{"a":"x"}""")]
    [InlineData("""{"$set":{"a":1}}""", """{"$append":{"a":[2,null,1]},"$prepend":{"b":["x","y"]}}""", """{"a":[1,2,1],"b":["x","y"]}""")]
    [InlineData("""{"$set":{"a":["x"]}}""", """{"$prepend":{"a":["y","z"]}}""", """{"a":["y","z","x"]}""")]
    [InlineData("""{"$set":{"a":[1,"x"]}}""", """{"$postInsert":{"a":["1","y","y"]}}""", """{"a":[1,"x","y"]}""")]
    [InlineData("""{"$set":{"a":[1,2,"1"],"b":"x"}}""", """{"$remove":{"a":1,"b":["x"]}}""", """{"a":[2]}""")]
    [InlineData("""{"$set":{"a":1}}""", """{"$clearAll":"-","$set":{"b":1}}""", """{"b":1}""")]
    public void Operations_follow_the_specification(string first, string second, string expected)
    {
        var result = new ActivityScript()
            .Define(("all", 1, """{"id":"all","export_properties":["*"],"where":{"not":{"did":{"event":"gone"}}}}"""))
            .Identify("u:ada", first, 1)
            .Identify("u:ada", second, 2)
            .Run(RecordClock);
        Assert.Equal(expected, result.Memberships[("all", "u:ada")].Properties);
    }
}
