using System.Collections.Immutable;

namespace CohortPipeline.Rules.Definitions;

/// <summary>Which definitions name others in <c>in_cohort</c>: only such as there are, and never in a circle (<c>docs/spec/cohorts.md</c> §2.4).</summary>
public static class CohortReferences
{
    /// <summary>The ids that a definition names, in ordinal order.</summary>
    public static ImmutableSortedSet<string> Of(CohortDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Where.References.ToImmutableSortedSet(StringComparer.Ordinal);
    }

    /// <summary>What is wrong with the references of definitions, a sentence each; empty for nothing.</summary>
    /// <param name="references">Of every live definition, by id.</param>
    public static IReadOnlyList<string> Check(IReadOnlyDictionary<string, ImmutableSortedSet<string>> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var unknown = references.Keys.Order(StringComparer.Ordinal).SelectMany(id => references[id]
            .Where(named => !references.ContainsKey(named))
            .Select(named => $"`{id}` asks for membership of `{named}`: found no such cohort, expected one that is defined, or defined in the same change."));
        return [.. unknown, .. Circles(references)];
    }

    /// <summary>The circles among definitions, a sentence each; they may name others that are not among them.</summary>
    public static IReadOnlyList<string> Circles(IReadOnlyDictionary<string, ImmutableSortedSet<string>> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var errors = new List<string>();
        var settled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in references.Keys.Order(StringComparer.Ordinal))
        {
            if (CircleFrom(id, references, settled, []) is { } circle)
                errors.Add($"found cohorts that ask for each other's membership in a circle ({string.Join(" → ", circle.Select(member => $"`{member}`"))}), expected none.");
        }

        return errors;
    }

    /// <summary>A circle that is met on the way from a definition; null for none.</summary>
    /// <param name="settled">Those from which there is none, or from which it was reported.</param>
    /// <param name="path">The way so far.</param>
    private static List<string>? CircleFrom(string id, IReadOnlyDictionary<string, ImmutableSortedSet<string>> references, HashSet<string> settled, List<string> path)
    {
        if (path.IndexOf(id) is >= 0 and var start)
            return [.. path[start..], id];
        if (!references.TryGetValue(id, out var named) || !settled.Add(id))
            return null;
        path.Add(id);
        var circle = named.Select(next => CircleFrom(next, references, settled, path)).FirstOrDefault(found => found is not null);
        path.RemoveAt(path.Count - 1);
        return circle;
    }
}
