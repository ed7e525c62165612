using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Sources;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters;

/// <summary>A test of one path; all of its tests must hold, each by itself.</summary>
public sealed record PathTest(PropertyPath Path, ImmutableArray<ValueTest> Tests);

/// <summary>A filter on an event: tests of paths, and <c>all</c>, <c>any</c>, <c>not</c> over filters; all that is there must hold.</summary>
public sealed class Filter
{
    private const string Expectation = "a filter: an object of paths with their tests, or `all`, `any`, `not` over filters";

    private Filter(ImmutableArray<PathTest> paths, ImmutableArray<Filter> all, ImmutableArray<Filter> any, Filter? not)
    {
        Paths = paths;
        All = all;
        Any = any;
        Not = not;
        UsesProperties = paths.Any(test => !test.Path.IsInContext) || Children.Any(child => child.UsesProperties);
        UsesContext = paths.Any(test => test.Path.IsInContext) || Children.Any(child => child.UsesContext);
    }

    /// <summary>The empty filter, which every event satisfies.</summary>
    public static Filter Everything { get; } = new([], [], [], null);

    /// <summary>In ordinal order of their texts.</summary>
    public ImmutableArray<PathTest> Paths { get; }

    public ImmutableArray<Filter> All { get; }

    /// <summary>Empty: nothing is asked.</summary>
    public ImmutableArray<Filter> Any { get; }

    public Filter? Not { get; }

    public bool IsEverything => Paths.IsEmpty && All.IsEmpty && Any.IsEmpty && Not is null;

    internal bool UsesProperties { get; }

    internal bool UsesContext { get; }

    private IEnumerable<Filter> Children => Not is null ? All.Concat(Any) : All.Concat(Any).Append(Not);

    internal static Filter? Read(Cursor cursor, PathScope scope, int depth = 1)
    {
        if (cursor.Members(Expectation) is not { } members)
            return null;
        if (depth > DefinitionLimits.FilterDepthMax)
        {
            cursor.Error($"a filter at depth {depth}", $"filters nested at most {DefinitionLimits.FilterDepthMax} deep");
            return null;
        }

        var errorsBefore = cursor.ErrorCount;
        var paths = new List<PathTest>();
        ImmutableArray<Filter> all = [];
        ImmutableArray<Filter> any = [];
        Filter? not = null;
        foreach (var member in members)
        {
            var value = cursor.Member(member);
            switch (member.Name)
            {
                case "all": all = ReadList(value, scope, depth); break;
                case "any": any = ReadList(value, scope, depth); break;
                case "not": not = Read(value, scope, depth + 1); break;
                default:
                    if (ReadPath(cursor, member, scope, depth) is { } test)
                        paths.Add(test);
                    break;
            }
        }

        paths.Sort((left, right) => string.CompareOrdinal(left.Path.Text, right.Path.Text));
        return cursor.ErrorCount == errorsBefore ? new([.. paths], all, any, not) : null;
    }

    internal bool Matches(EventValues values)
    {
        foreach (var test in Paths)
        {
            values.Candidates.Resolve(test.Path, test.Path.IsInContext ? values.Context : values.Properties);
            if (!ValueTest.AllHold(test.Tests, values.Candidates))
                return false;
        }

        foreach (var filter in All)
        {
            if (!filter.Matches(values))
                return false;
        }

        return (Any.IsEmpty || AnyMatches(values)) && (Not is null || !Not.Matches(values));
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var test in Paths)
        {
            writer.WriteStartObject(test.Path.Text);
            foreach (var operation in test.Tests)
                operation.Write(writer);
            writer.WriteEndObject();
        }

        WriteList(writer, "all"u8, All);
        WriteList(writer, "any"u8, Any);
        if (Not is not null)
        {
            writer.WritePropertyName("not"u8);
            Not.Write(writer);
        }

        writer.WriteEndObject();
    }

    private bool AnyMatches(EventValues values)
    {
        foreach (var filter in Any)
        {
            if (filter.Matches(values))
                return true;
        }

        return false;
    }

    private static ImmutableArray<Filter> ReadList(Cursor cursor, PathScope scope, int depth) =>
        cursor.All(item => Read(item, scope, depth + 1), "a list of at least one filter", 1, DefinitionLimits.ValuesMax) ?? [];

    private static PathTest? ReadPath(Cursor cursor, SourceMember member, PathScope scope, int depth)
    {
        var path = PropertyPath.Read(cursor, member.Line, member.Column, member.Name, scope);
        var tests = OperatorTable.OfEvents.ReadTest(cursor.Member(member), depth);
        return path is null || tests.IsEmpty ? null : new(path, tests);
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<Filter> filters)
    {
        if (filters.IsEmpty)
            return;
        writer.WriteStartArray(name);
        foreach (var filter in filters)
            filter.Write(writer);
        writer.WriteEndArray();
    }
}
