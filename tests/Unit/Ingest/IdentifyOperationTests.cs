using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class IdentifyOperationTests
{
    [Fact]
    public void Operations_stand_in_the_order_in_which_they_apply() => Assert.Equal(
        """{"$clearAll":"-","$unset":{"u":"-"},"$set":{"s":1},"$setOnce":{"o":null},"$add":{"n":"2.5"},"$append":{"a":[1,2]},"$prepend":{"p":{"x":1}},"$preInsert":{"i":null},"$postInsert":{"j":"v"},"$remove":{"r":[ ]}}""".Replace(" ", "", StringComparison.Ordinal),
        Operations("""{"$remove":{"r":[ ]},"$postInsert":{"j":"v"},"$preInsert":{"i":null},"$prepend":{"p":{"x":1}},"$append":{"a":[1, 2]},"$add":{"n":"2.5"},"$setOnce":{"o":null},"$set":{"s": 1},"$unset":{"u":[3]},"$clearAll":true}"""));

    [Theory]
    [InlineData("""{"a":1,"b.c":{"d":2}}""", """{"$set":{"a":1,"b.c":{"d":2}}}""")]
    [InlineData("""{"a":null,"b":1}""", """{"$unset":{"a":"-"},"$set":{"b":1}}""")]
    [InlineData("""{"$set":{"a":1},"$set":{"b":2}}""", """{"$set":{"b":2}}""")]
    [InlineData("""{"$set":{}}""", """{"$set":{}}""")]
    [InlineData("""{"$\u0073et":{"\u0061":"\u0062"}}""", """{"$set":{"\u0061":"\u0062"}}""")]
    public void Bare_properties_are_set_and_a_bare_null_deletes(string call, string expected) => Assert.Equal(expected, Operations(call));

    [Theory]
    [InlineData("""{"$set":5}""")]
    [InlineData("""{"$unset":"a"}""")]
    [InlineData("""{"$append":["a"]}""")]
    [InlineData("""{"$add":{"n":"ten"}}""")]
    [InlineData("""{"$add":{"n":null}}""")]
    [InlineData("""{"$add":{"n":true}}""")]
    [InlineData("""{"$add":{"n":1e40}}""")]
    [InlineData("""{"$add":{"n":"01"}}""")]
    public void An_operand_that_the_operation_cannot_take_is_bad(string call)
    {
        Assert.Equal(["!bad_operand"], Producer.Outcome($$"""{"identify":{{call}},"user":"ada"}"""));
        Assert.Equal(["!bad_operand"], Producer.Outcome($$"""{"user_properties":{{call}},"user_id":"ada"}"""));
        Assert.Equal(["!bad_operand"], Producer.Outcome($$"""{"type":"identify","traits":{{call}},"userId":"ada"}"""));
    }

    [Theory]
    [InlineData("""{"$set":{"a":1},"b":2}""")]
    [InlineData("""{"b":null,"$unset":{"a":"-"}}""")]
    public void Operations_beside_bare_properties_are_mixed(string call)
    {
        Assert.Equal(["!mixed_identify"], Producer.Outcome($$"""{"identify":{{call}},"user":"ada"}"""));
        Assert.Equal(["!mixed_identify"], Producer.Outcome($$"""{"event_type":"e","user_properties":{{call}},"user_id":"ada"}"""));
        Assert.Equal(["!mixed_identify"], Producer.Outcome($$"""{"type":"track","event":"e","context":{"traits":{{call}}},"userId":"ada"}"""));
        Assert.Equal(["!mixed_identify"], Producer.Outcome($$"""{"type":"group","context":{"traits":{{call}}},"userId":"ada"}"""));
    }

    [Fact]
    public void A_name_with_a_dollar_is_unknown_in_the_shape_of_Amplitude_and_a_property_elsewhere()
    {
        Assert.Equal(["!unknown_operation"], Producer.Outcome("""{"user_properties":{"$increment":{"n":1}},"user_id":"ada"}"""));
        Assert.Equal("""{"$set":{"$increment":{"n":1}}}""", Operations("""{"$increment":{"n":1}}"""));
        Assert.Equal(["!mixed_identify"], Producer.Outcome("""{"identify":{"$email":"a@b","$set":{"a":1}},"user":"ada"}"""));
    }

    private static string Operations(string call)
    {
        var outcome = Assert.Single(Producer.Outcome($$"""{"identify":{{call}},"user":"ada"}"""));
        const string before = "u:ada {\"type\":\"identify\",\"user_id\":\"ada\",\"user_properties\":";
        Assert.StartsWith(before, outcome, StringComparison.Ordinal);
        return outcome[before.Length..^1];
    }
}
