using System.Collections.Immutable;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>The names that may stand in one place of the language.</summary>
internal sealed class Vocabulary(ImmutableArray<string> known)
{
    public ImmutableArray<string> Known { get; } = known;

    public bool Knows(string name) => Known.Contains(name, StringComparer.Ordinal);

    public string Expectation => Known.Length == 1 ? $"`{Known[0]}`" : $"one of {string.Join(", ", Known.Select(name => $"`{name}`"))}";

    /// <summary>Reports each member whose name is not known.</summary>
    public void RefuseUnknown(Cursor cursor, IEnumerable<SourceMember> members)
    {
        foreach (var unknown in members.Where(member => !Knows(member.Name)))
            Refuse(cursor, unknown.Name, unknown.Line, unknown.Column);
    }

    /// <summary>Reports a name that is not known.</summary>
    public void Refuse(Cursor cursor, string name, int line, int column) =>
        cursor.Error(line, column, $"`{name}`", Expectation, NearestName.Of(name, Known));
}
