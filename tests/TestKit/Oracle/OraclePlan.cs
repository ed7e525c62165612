using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A definition as it stands in its marker.</summary>
internal sealed record OracleDefinition(string Id, string Name, int Version, string[] ExportedProperties, OracleClause Where)
{
    public static OracleDefinition Parse(string id, int version, JsonElement json) => new(
        id,
        OracleJson.Member(json, "name")?.GetString() ?? id,
        version,
        OracleJson.Member(json, "export_properties") is { } names ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [],
        OracleClause.Parse(json.GetProperty("where"), OracleCalendar.Of(OracleJson.Member(json, "time_zone")?.GetString() ?? "UTC")));
}

/// <summary>All definitions that hold at a time, in order of their ids.</summary>
internal sealed class OraclePlan
{
    private readonly SortedDictionary<string, OracleDefinition> _definitions = new(StringComparer.Ordinal);
    private IReadOnlyList<OracleClause>? _clauses;
    private IReadOnlyList<OracleBehavior>? _behaviors;

    public IEnumerable<OracleDefinition> Definitions => _definitions.Values;

    /// <summary>Every behavior that a definition uses, equal ones once.</summary>
    public IReadOnlyList<OracleBehavior> Behaviors =>
        _behaviors ??= [.. Clauses.OfType<IOracleBehaviorClause>().Select(clause => clause.Behavior).DistinctBy(behavior => behavior.Identity)];

    /// <summary>Every clause of every definition, those inside of others too.</summary>
    public IReadOnlyList<OracleClause> Clauses => _clauses ??= [.. _definitions.Values.SelectMany(definition => definition.Where.Tree)];

    public IEnumerable<OracleEver> EverTests => Clauses.OfType<OraclePropertyClause>().Select(clause => clause.Ever).OfType<OracleEver>();

    public OracleDefinition? Find(string cohortId) => _definitions.GetValueOrDefault(cohortId);

    /// <summary>The plan after a change set; a definition that is null is deleted.</summary>
    public OraclePlan With(IEnumerable<(string CohortId, OracleDefinition? Definition)> changes)
    {
        var plan = new OraclePlan();
        foreach (var definition in Definitions)
            plan._definitions[definition.Id] = definition;
        foreach (var (cohortId, definition) in changes)
        {
            if (definition is null)
                plan._definitions.Remove(cohortId);
            else
                plan._definitions[cohortId] = definition;
        }

        return plan;
    }
}
