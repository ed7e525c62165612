using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>
/// The parts of a change set that came so far. A set is applied at its last part, or not at all; its parts come in one
/// transaction, so parts of another set end an unfinished one. Immutable, so that an abort goes back to the one before.
/// </summary>
/// <param name="Markers">The marker records as they stand in <c>activity</c>, in order.</param>
internal sealed record OpenChangeSet(string Change, ImmutableArray<byte[]> Markers, ImmutableArray<CohortChange> Parts)
{
    public static OpenChangeSet None { get; } = new("", [], []);

    /// <summary>The set with a marker more; this set and an error for a definition that this version does not accept.</summary>
    public OpenChangeSet Add(in ActivityRecord record, ReadOnlySpan<byte> marker, out string error)
    {
        error = "";
        var cohortId = Encoding.UTF8.GetString(record.CohortId);
        CohortDefinition? definition = null;
        if (!record.Definition.IsEmpty)
        {
            var parsed = DefinitionParser.Parse(record.Definition, cohortId);
            if (parsed.Definitions is not [var accepted])
            {
                error = $"the definition of {cohortId} version {record.Version} is not accepted: {string.Join("; ", parsed.Errors)}";
                return this;
            }

            definition = accepted;
        }

        var change = Encoding.UTF8.GetString(record.Change);
        var before = change == Change ? this : None;
        return new(change, before.Markers.Add(marker.ToArray()), before.Parts.Add(new(cohortId, record.Version, definition)));
    }

    public bool IsComplete(int parts) => Parts.Length == parts;
}
