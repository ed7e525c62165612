using System.Collections.Immutable;
using CohortPipeline.Rules.Clauses;

namespace CohortPipeline.Rules.Definitions;

/// <summary>
/// A definition that the parser accepted; it cannot be wrong. Two of them with the same content, however it was written,
/// have the same <see cref="DefinitionWriter.ToJson"/>.
/// </summary>
public sealed class CohortDefinition
{
    public const string DefaultTimeZone = "UTC";

    /// <summary>Stands for every property in <see cref="ExportProperties"/>, alone.</summary>
    public const string AllProperties = "*";

    internal CohortDefinition(
        string id,
        string name,
        string description,
        string timeZone,
        ImmutableArray<string> exportProperties,
        ImmutableSortedDictionary<string, string> labels,
        Clause where)
    {
        Id = id;
        Name = name;
        Description = description;
        TimeZone = timeZone;
        ExportProperties = exportProperties;
        Labels = labels;
        Where = where;
    }

    public string Id { get; }

    public string Name { get; }

    /// <summary>Empty for none.</summary>
    public string Description { get; }

    /// <summary>IANA name.</summary>
    public string TimeZone { get; }

    /// <summary>Names of the profile properties that deltas carry, each once; <c>*</c> alone for all.</summary>
    public ImmutableArray<string> ExportProperties { get; }

    /// <summary>Ordered by name, ordinal.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; }

    public Clause Where { get; }
}
