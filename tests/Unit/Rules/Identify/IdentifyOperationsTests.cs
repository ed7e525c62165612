using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Rules.Identify;
using CohortPipeline.Rules.Properties;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Identify;

/// <summary>inputs.md §5, line by line: properties before, operations, properties after.</summary>
public sealed class IdentifyOperationsTests
{
    [Theory]
    // $set: overwrite; a null deletes; nested objects are kept whole and replaced whole; a name with dots is one name
    [InlineData("{}", """{"$set":{"a":1,"b":"x"}}""", """{"a":1,"b":"x"}""")]
    [InlineData("""{"a":1,"b":2}""", """{"$set":{"a":"x"}}""", """{"a":"x","b":2}""")]
    [InlineData("""{"a":1,"b":2}""", """{"$set":{"a":null}}""", """{"b":2}""")]
    [InlineData("""{"a":{"x":1}}""", """{"$set":{"a":{ "y" : [ 1, "b c" ] }}}""", """{"a":{"y":[1,"b c"]}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"$set":{"a.b":2}}""", """{"a":{"b":1},"a.b":2}""")]
    [InlineData("{}", """{"$set":{"a":1.50,"b":1e3}}""", """{"a":1.50,"b":1e3}""")]
    [InlineData("""{"a":1}""", """{"$set":{"\u0061":2}}""", """{"a":2}""")]
    // $setOnce: only if the profile has no value
    [InlineData("""{"a":1}""", """{"$setOnce":{"a":2,"b":3,"c":null}}""", """{"a":1,"b":3}""")]
    // $add: no value counts as 0; a value that is not numeric stays as it is; System.Decimal arithmetic
    [InlineData("{}", """{"$add":{"a":5}}""", """{"a":5}""")]
    [InlineData("""{"a":1.5}""", """{"$add":{"a":2.25}}""", """{"a":3.75}""")]
    [InlineData("""{"a":"7"}""", """{"$add":{"a":"-2"}}""", """{"a":5}""")]
    [InlineData("""{"a":0.1}""", """{"$add":{"a":0.2}}""", """{"a":0.3}""")]
    [InlineData("""{"a":1.10}""", """{"$add":{"a":0.90}}""", """{"a":2.00}""")]
    [InlineData("""{"a":"x"}""", """{"$add":{"a":1}}""", """{"a":"x"}""")]
    [InlineData("""{"a":[1]}""", """{"$add":{"a":1}}""", """{"a":[1]}""")]
    [InlineData("""{"a":79228162514264337593543950335}""", """{"$add":{"a":1}}""", """{"a":79228162514264337593543950335}""")]
    // $append, $prepend: no value → list of one; scalar → list with it; duplicates kept; a list operand adds each, in its order
    [InlineData("{}", """{"$append":{"a":1},"$prepend":{"b":1}}""", """{"a":[1],"b":[1]}""")]
    [InlineData("""{"a":"x"}""", """{"$append":{"a":"y"}}""", """{"a":["x","y"]}""")]
    [InlineData("""{"a":"x"}""", """{"$prepend":{"a":"y"}}""", """{"a":["y","x"]}""")]
    [InlineData("""{"a":[1,2]}""", """{"$append":{"a":[2,3]}}""", """{"a":[1,2,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """{"$prepend":{"a":[3,2]}}""", """{"a":[3,2,1,2]}""")]
    [InlineData("""{"a":{"x":1}}""", """{"$append":{"a":{ "y": 2 }}}""", """{"a":[{"x":1},{"y":2}]}""")]
    // nulls in operands of list operations are ignored
    [InlineData("""{"a":[1]}""", """{"$append":{"a":[null,2],"b":null}}""", """{"a":[1,2]}""")]
    // $preInsert, $postInsert: only values not yet in the list; order kept
    [InlineData("""{"a":[1,2]}""", """{"$preInsert":{"a":[3,1,4,3]}}""", """{"a":[3,4,1,2]}""")]
    [InlineData("""{"a":[1,2]}""", """{"$postInsert":{"a":[3,1,4,3]}}""", """{"a":[1,2,3,4]}""")]
    [InlineData("""{"a":"x"}""", """{"$postInsert":{"a":["x","y"]}}""", """{"a":["x","y"]}""")]
    [InlineData("{}", """{"$preInsert":{"a":[1,1]}}""", """{"a":[1]}""")]
    // values in lists are equal as in cohorts §3, objects and lists by content
    [InlineData("""{"a":[1,"2",true]}""", """{"$postInsert":{"a":["1.0",2,"true","True"]}}""", """{"a":[1,"2",true,"True"]}""")]
    [InlineData("""{"a":[{"x":1,"y":[2]},[1,2]]}""", """{"$postInsert":{"a":[{"y":["2"],"x":1.0},[2,1]]}}""", """{"a":[{"x":1,"y":[2]},[1,2],[2,1]]}""")]
    [InlineData("""{"a":["é"]}""", """{"$postInsert":{"a":"\u00e9"}}""", """{"a":["é"]}""")]
    // $remove: every instance of the value(s); a list may become empty and stays; a scalar that is equal is deleted
    [InlineData("""{"a":[1,2,1,3]}""", """{"$remove":{"a":1}}""", """{"a":[2,3]}""")]
    [InlineData("""{"a":[1,2,1]}""", """{"$remove":{"a":["1",2]}}""", """{"a":[]}""")]
    [InlineData("""{"a":"x","b":"y"}""", """{"$remove":{"a":"x","b":"x","c":"x"}}""", """{"b":"y"}""")]
    [InlineData("""{"a":[null,1]}""", """{"$remove":{"a":null}}""", """{"a":[null,1]}""")]
    // $unset: delete, the operand is ignored; $clearAll: delete all
    [InlineData("""{"a":1,"b":2}""", """{"$unset":{"a":"-","c":"-"}}""", """{"b":2}""")]
    [InlineData("""{"a":1,"b":2}""", """{"$clearAll":"-"}""", "{}")]
    // applied in a fixed order, whatever their order in the JSON
    [InlineData("""{"a":1,"b":2}""", """{"$set":{"a":5},"$clearAll":"-"}""", """{"a":5}""")]
    [InlineData("""{"a":1}""", """{"$add":{"a":2},"$set":{"a":5},"$unset":{"a":"-"}}""", """{"a":7}""")]
    [InlineData("""{"a":1}""", """{"$setOnce":{"a":9},"$unset":{"a":"-"}}""", """{"a":9}""")]
    [InlineData("{}", """{"$remove":{"a":2},"$postInsert":{"a":3},"$preInsert":{"a":1},"$prepend":{"a":2},"$append":{"a":2}}""", """{"a":[1,3]}""")]
    public void Operations(string before, string operations, string after) => Assert.Equal(after, ToJson(Apply(before, operations).Bag));

    [Fact]
    public void What_changed_is_named_once_and_what_stayed_the_same_is_not()
    {
        var (_, outcome) = Apply("""{"a":1,"b":2,"c":[1]}""", """{"$set":{"a":1,"b":3,"d":null},"$add":{"b":1},"$remove":{"c":5},"$setOnce":{"e":1}}""");
        Assert.Equal(["b", "e"], Enumerable.Range(0, outcome.ChangedCount).Select(i => Encoding.UTF8.GetString(outcome.ChangedName(i))));
    }

    [Fact]
    public void What_is_taken_away_and_brought_back_has_not_changed()
    {
        var (_, outcome) = Apply("""{"a":1,"b":2}""", """{"$clearAll":"-","$set":{"a":1},"$append":{"b":2},"$remove":{"a":5}}""");
        Assert.Equal(1, outcome.ChangedCount);
        Assert.True(outcome.HasChanged("b"u8));
    }

    [Fact]
    public void Additions_that_do_not_apply_are_counted() =>
        Assert.Equal(2, Apply("""{"a":"x","b":[]}""", """{"$add":{"a":1,"b":1,"c":1}}""").Outcome.NotAdded);

    [Fact]
    public void A_profile_holds_at_most_1000_properties_and_the_rest_of_the_call_applies()
    {
        var full = $"{{{string.Join(",", Enumerable.Range(0, 1000).Select(i => $"\"p{i}\":{i}"))}}}";
        var (bag, outcome) = Apply(full, """{"$set":{"new":1,"p0":"changed"},"$append":{"other":1}}""");
        Assert.Equal((1000, 2), (bag.Count, outcome.Refused));
        Assert.Equal("\"changed\""u8, bag.ValueAt(0));
    }

    [Fact]
    public void A_profile_holds_at_most_64_KiB_of_properties_as_compact_JSON()
    {
        // {"a":"…"} is 8 bytes and the text.
        var most = new string('x', (64 * 1024) - 8);
        var (bag, outcome) = Apply("{}", $$$"""{"$set":{"a":"{{{most}}}"}}""");
        Assert.Equal((64 * 1024, 0), (bag.JsonLength, outcome.Refused));
        Assert.Equal(1, Apply("{}", $$$"""{"$set":{"a":"{{{most}}}x"}}""").Outcome.Refused);
        Assert.Equal(1, Apply($$"""{"a":"{{most}}"}""", """{"$set":{"b":1}}""").Outcome.Refused);
        Assert.Equal(0, Apply($$"""{"a":"{{most}}"}""", """{"$set":{"a":1,"b":1}}""").Outcome.Refused);
    }

    [Theory]
    [InlineData("""{"$set":5,"$unknown":{"a":1},"$append":[1]}""")]
    [InlineData("""{"$add":{"a":"x","b":null,"c":[1]}}""")]
    [InlineData("{}")]
    public void What_ingest_refuses_is_passed_over(string operations) => Assert.Equal("{}", ToJson(Apply("{}", operations).Bag));

    [Fact]
    public void Half_a_surrogate_pair_is_no_reason_to_stop() =>
        Assert.Equal("""{"a":["\ud800"],"b":["\ud800",1]}""", ToJson(Apply("""{"a":["\ud800"],"b":"\ud800"}""", """{"$postInsert":{"a":"\ud801"},"$append":{"b":1}}""").Bag));

    [Fact]
    public void The_length_of_the_bag_is_that_of_its_JSON()
    {
        var bag = new PropertyBag();
        var outcome = new IdentifyOutcome();
        var operations = new IdentifyOperations();
        foreach (var call in new[] { """{"$set":{"a":1,"qu\"ote\n":[1,{"b":2}]}}""", """{"$append":{"a":[2,3]}}""", """{"$unset":{"a":"-"}}""", """{"$set":{"c":"x","a":true}}""", """{"$clearAll":"-"}""" })
        {
            operations.Apply(Encoding.UTF8.GetBytes(call), bag, outcome);
            Assert.Equal(Encoding.UTF8.GetByteCount(ToJson(bag)), bag.JsonLength);
        }
    }

    [Fact]
    public void A_bag_that_is_set_again_and_again_keeps_its_size()
    {
        var bag = new PropertyBag();
        var outcome = new IdentifyOutcome();
        var operations = new IdentifyOperations();
        for (var i = 0; i < 20_000; i++)
            operations.Apply(Encoding.UTF8.GetBytes($$$"""{"$set":{"a":"value {{{i}}}","b":1}}"""), bag, outcome);
        Assert.Equal("""{"a":"value 19999","b":1}""", ToJson(bag));
    }

    private static (PropertyBag Bag, IdentifyOutcome Outcome) Apply(string before, string operations)
    {
        var bag = new PropertyBag();
        using (var document = JsonDocument.Parse(before))
        {
            foreach (var property in document.RootElement.EnumerateObject())
                bag.Append(Encoding.UTF8.GetBytes(property.Name), Encoding.UTF8.GetBytes(property.Value.GetRawText()));
        }

        var outcome = new IdentifyOutcome();
        new IdentifyOperations().Apply(Encoding.UTF8.GetBytes(operations), bag, outcome);
        return (bag, outcome);
    }

    private static string ToJson(PropertyBag bag)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output, CohortPipeline.Contracts.JsonText.WriterOptions);
        writer.WriteStartObject();
        for (var i = 0; i < bag.Count; i++)
        {
            writer.WritePropertyName(bag.NameAt(i));
            writer.WriteRawValue(bag.ValueAt(i), skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
