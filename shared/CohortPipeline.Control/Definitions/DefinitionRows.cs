using CohortPipeline.Contracts;

namespace CohortPipeline.Control;

/// <summary>The rows of <c>cohort-definitions</c>, deletions among them.</summary>
internal static class DefinitionRows
{
    public static ControlResult<Dictionary<string, CohortDefinitionRow>> Read(TopicRows rows)
    {
        var read = new Dictionary<string, CohortDefinitionRow>(StringComparer.Ordinal);
        foreach (var (id, value) in rows.ByKey)
        {
            if (!CohortDefinitionRow.TryRead(id, value, out var row, out var error))
                return new ControlError(ControlErrorKind.Invalid, "cohort-definitions holds a row that is not ours", $"{error}. Expected what control-api writes; is another program writing there?");
            read.Add(id, row);
        }

        return read;
    }

    public static ControlError NotFound(string id) => new(
        ControlErrorKind.NotFound,
        $"There is no cohort `{id}`",
        "`cohortctl cohorts list` shows those there are.");
}
