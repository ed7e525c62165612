using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary>A filter of the same meaning is written in the same bytes, and these read back to themselves.</summary>
public sealed class CanonicalFilterTests
{
    [Theory]
    [InlineData("{c: x}", """{"c":{"is":"x"}}""")]
    [InlineData("{c: [b, a, b]}", """{"c":{"in":["a","b"]}}""")]
    [InlineData("{c: {ends_with: b, starts_with: a, not_contains: c, contains: d}}", """{"c":{"contains":"d","not_contains":"c","starts_with":"a","ends_with":"b"}}""")]
    [InlineData("{c: {ignore_case: true, contains: d}}", """{"c":{"contains":"d","ignore_case":true}}""")]
    [InlineData("{c: {ignore_case: false, contains: d}}", """{"c":{"contains":"d"}}""")]
    [InlineData("{c: {ignore_case: true, in: [B, a, b, A, 5]}}", """{"c":{"in":[5,"A","B"],"ignore_case":true}}""")]
    [InlineData("{c: {not_in: [B, b]}}", """{"c":{"not_in":["B","b"]}}""")]
    [InlineData("{c: {exists: true, matches: '^a', at_least: 5.0, is_not: x}}", """{"c":{"is_not":"x","matches":"^a","at_least":5,"exists":true}}""")]
    [InlineData("{c: {between: [1.50, 2e1]}}", """{"c":{"between":[1.5,20]}}""")]
    [InlineData("{c: {has: {b: 1, a: [2]}, exists: true}}", """{"c":{"has":{"a":{"in":[2]},"b":{"is":1}},"exists":true}}""")]
    [InlineData("{c: {has: {}}}", """{"c":{"has":{}}}""")]
    [InlineData("{not: {a: 1}, b: 1, any: [{c: 1}], a: 1, all: [{d: 1}]}", """{"a":{"is":1},"b":{"is":1},"all":[{"d":{"is":1}}],"any":[{"c":{"is":1}}],"not":{"a":{"is":1}}}""")]
    public void Is_written(string filter, string canonical)
    {
        Assert.Equal(canonical, Write(filter));
        Assert.Equal(canonical, Write(canonical));
    }

    private static string Write(string filter)
    {
        var definition = Assert.Single(DefinitionParser.Parse($"{{id: a, where: {{did: {{event: x, where: {filter}}}}}}}", "f.yaml").Definitions);
        using var document = JsonDocument.Parse(DefinitionWriter.ToJson(definition));
        return document.RootElement.GetProperty("where").GetProperty("did").GetProperty("where").GetRawText();
    }
}
