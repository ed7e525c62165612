using System.Text;
using System.Text.Json;
using CohortPipeline.Ingest;
using CohortPipeline.TestKit;
using CohortPipeline.Tests.Unit.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>
/// Objects, and each with a few bytes of it changed, have the same members for the reader that tries the compact form first as
/// for the platform's alone. <c>SEED=n CASES=1</c> repeats what failed.
/// </summary>
public sealed class JsonObjectTests
{
    private const int CaseCount = 4_000;
    private const int MutationsPerRecord = 20;

    private readonly JsonObject _object = new();

    [Fact]
    public void The_compact_form_has_the_members_that_the_JSON_reader_finds()
    {
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new Random(seed);
            var record = RandomActivityRecords.Next(random);
            for (var i = 0; i <= MutationsPerRecord; i++)
            {
                var bytes = i == 0 ? record : RandomActivityRecords.Mutate(record, random);
                if (JsonCheck.TextProblem(bytes).Length > 0)
                    continue;
                var expected = Members(() => _object.ReadAny(bytes));
                var found = Members(() => _object.Read(bytes));
                Assert.True(expected == found, $"SEED={seed} CASES=1 repeats it.\n{Encoding.UTF8.GetString(bytes)}\nexpected {expected}\nfound    {found}");
            }
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"user_id":"ada","event":"e","properties":{"a":[1,{"b":null}],"c":true},"user_id":"bob"}""")]
    [InlineData("""{ "a" : "\u0041" }""")]
    [InlineData("""{"\u0065vent":"e"}""")]
    public void Members_are_where_the_JSON_reader_finds_them(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Equal(Members(() => _object.ReadAny(bytes)), Members(() => _object.Read(bytes)));
    }

    private string Members(Func<bool> read)
    {
        try
        {
            return read()
                ? string.Join(' ', Enumerable.Range(0, _object.Count).Select(index => _object[index].ToString()).Append(_object[MemberName.UserId].ToString()))
                : "no object";
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }
}
