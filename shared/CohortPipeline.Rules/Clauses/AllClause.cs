using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;

namespace CohortPipeline.Rules.Clauses;

/// <summary>True iff all of its entries are.</summary>
public sealed class AllClause : Clause
{
    private AllClause(ImmutableArray<Clause> entries) => Entries = entries;

    public ImmutableArray<Clause> Entries { get; }

    internal override IEnumerable<string> References => Entries.SelectMany(entry => entry.References);

    internal static AllClause? Read(Cursor cursor, ClauseReader reader, int depth) =>
        cursor.All(entry => reader.Read(entry, depth + 1), "a list of at least one clause", 1, int.MaxValue) is { } entries ? new(entries) : null;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("all"u8);
        foreach (var entry in Entries)
            entry.Write(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context) => new AllCondition([.. Entries.Select(entry => entry.Compile(context))]);
}
