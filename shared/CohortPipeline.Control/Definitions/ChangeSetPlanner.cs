using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Control;

/// <summary>
/// Turns definitions to apply, or an id to delete, into one change set: a row each in <c>cohort-definitions</c>, and a
/// <c>definition</c> marker each in every partition of <c>activity</c>, <c>part</c> of <c>parts</c>. Pure.
/// </summary>
internal sealed class ChangeSetPlanner(PipelineTopics topics)
{
    public ControlResult<ControlDraft<CohortChangeSet>> Apply(TopicRows rows, IReadOnlyList<CohortDefinition> definitions, string change)
    {
        if (Repeated(definitions) is { } repeated)
            return repeated;
        var current = DefinitionRows.Read(rows);
        if (current.IsError)
            return current.Error!;

        var changes = new List<CohortChange>();
        var written = new List<CohortDefinitionRow>();
        foreach (var definition in definitions)
        {
            var content = DefinitionWriter.ToJson(definition);
            var before = current.Value.GetValueOrDefault(definition.Id);
            if (before is { Definition: { } old } && old.Span.SequenceEqual(content))
            {
                changes.Add(new(definition.Id, before.Version, CohortChangeKind.Unchanged));
                continue;
            }

            var row = new CohortDefinitionRow(definition.Id, (before?.Version ?? 0) + 1, content);
            written.Add(row);
            changes.Add(new(row.Id, row.Version, before is null or { IsDeleted: true } ? CohortChangeKind.Created : CohortChangeKind.Changed));
        }

        var live = current.Value.Values.Count(row => !row.IsDeleted) + changes.Count(made => made.Kind == CohortChangeKind.Created);
        if (live > DefinitionLimits.LiveDefinitionsMax)
        {
            return new ControlError(
                ControlErrorKind.Invalid,
                "Too many live definitions",
                $"found {live} with this change, expected at most {DefinitionLimits.LiveDefinitionsMax}: delete cohorts that nobody uses.");
        }

        var named = definitions.ToDictionary(definition => definition.Id, CohortReferences.Of, StringComparer.Ordinal);
        foreach (var row in current.Value.Values.Where(row => !row.IsDeleted && !named.ContainsKey(row.Id)).ToList())
            named.Add(row.Id, ReferencesOf(row));
        return CohortReferences.Check(named) is { Count: > 0 } errors
            ? new ControlError(ControlErrorKind.Invalid, "Cohorts ask for the membership of others that cannot be asked", [.. errors])
            : Draft(written, changes, change);
    }

    public ControlResult<ControlDraft<CohortChangeSet>> Delete(TopicRows rows, string id, string change)
    {
        var current = DefinitionRows.Read(rows);
        if (current.IsError)
            return current.Error!;
        if (!current.Value.TryGetValue(id, out var before) || before.IsDeleted)
            return DefinitionRows.NotFound(id);
        var users = current.Value.Values.Where(other => !other.IsDeleted && ReferencesOf(other).Contains(id)).Select(other => $"`{other.Id}`").Order(StringComparer.Ordinal).ToList();
        if (users.Count > 0)
        {
            return new ControlError(
                ControlErrorKind.Invalid,
                $"Others ask for membership of `{id}`",
                $"found `in_cohort: {id}` in {string.Join(", ", users)}, expected it in no definition: change or delete these first.");
        }

        var row = new CohortDefinitionRow(id, before.Version + 1, null);
        return Draft([row], [new(id, row.Version, CohortChangeKind.Deleted)], change);
    }

    /// <summary>Of a stored definition; few have any, and only these are read.</summary>
    private static ImmutableSortedSet<string> ReferencesOf(CohortDefinitionRow row)
    {
        if (row.Definition is not { } content || content.Span.IndexOf("\"in_cohort\""u8) < 0)
            return [];
        return DefinitionParser.Parse(content.Span, row.Id).Definitions is [var definition] ? CohortReferences.Of(definition) : [];
    }

    private ControlDraft<CohortChangeSet> Draft(List<CohortDefinitionRow> written, List<CohortChange> changes, string change)
    {
        var appends = new List<ControlAppend>();
        foreach (var row in written)
            appends.Add(new(topics.CohortDefinitions.Name, 0, Encoding.UTF8.GetBytes(row.Id), row.Encode()));
        for (var partition = 0; partition < topics.Activity.PartitionCount; partition++)
        {
            for (var part = 1; part <= written.Count; part++)
                appends.Add(new(topics.Activity.Name, partition, Encoding.UTF8.GetBytes(written[part - 1].Id), Marker(written[part - 1], change, part, written.Count)));
        }

        return new(new(written.Count == 0 ? null : change, changes), appends);
    }

    private static byte[] Marker(CohortDefinitionRow row, string change, int part, int parts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            ActivityWriter.Write(writer, new()
            {
                Type = ActivityType.Definition,
                Change = Encoding.UTF8.GetBytes(change),
                Part = part,
                Parts = parts,
                CohortId = Encoding.UTF8.GetBytes(row.Id),
                Version = row.Version,
                Definition = row.Definition is { } definition ? definition.Span : default,
            });
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static ControlError? Repeated(IReadOnlyList<CohortDefinition> definitions)
    {
        var repeated = definitions.GroupBy(definition => definition.Id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToArray();
        return repeated.Length == 0
            ? null
            : new(ControlErrorKind.Invalid, "A cohort is defined more than once", [.. repeated.Select(id => $"found `{id}` several times in one change, expected each id once.")]);
    }
}
