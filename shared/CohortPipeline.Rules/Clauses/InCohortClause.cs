using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;

namespace CohortPipeline.Rules.Clauses;

/// <summary>Membership of the same profile in another cohort at the same instant.</summary>
public sealed class InCohortClause : Clause
{
    private InCohortClause(string cohortId) => CohortId = cohortId;

    public string CohortId { get; }

    internal override IEnumerable<string> References => [CohortId];

    internal static InCohortClause? Read(Cursor cursor) =>
        DefinitionReader.ReadReference(cursor) is { } id ? new(id) : null;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("in_cohort"u8, CohortId);
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context) => new InCohortCondition(CohortId, context.CohortSlot(CohortId), this);
}
