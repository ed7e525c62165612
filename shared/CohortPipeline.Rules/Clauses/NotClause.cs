using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;

namespace CohortPipeline.Rules.Clauses;

/// <summary>True iff its entry is not.</summary>
public sealed class NotClause : Clause
{
    private NotClause(Clause entry) => Entry = entry;

    public Clause Entry { get; }

    internal override IEnumerable<string> References => Entry.References;

    internal static NotClause? Read(Cursor cursor, ClauseReader reader, int depth) =>
        reader.Read(cursor, depth + 1) is { } entry ? new(entry) : null;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("not"u8);
        Entry.Write(writer);
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context) => new NotCondition(Entry.Compile(context));
}
