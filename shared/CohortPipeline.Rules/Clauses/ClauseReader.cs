using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Clauses;

/// <summary>Reads the tree of one definition and holds its bounds.</summary>
/// <param name="calendar">Of the definition's time zone.</param>
internal sealed class ClauseReader(ZoneCalendar calendar)
{
    private static readonly Vocabulary Names = new(["all", "any", "not", "did", "sequence", "property", "in_cohort"]);

    private int _count;
    private bool _reportedCount;

    public Clause? Read(Cursor cursor, int depth = 1)
    {
        if (cursor.Members($"a clause: an object with exactly one key, {Names.Expectation}") is not { } members)
            return null;
        if (members.Count != 1)
            cursor.Error(members.Count == 0 ? "an empty object" : $"an object with {members.Count} keys", $"a clause: an object with exactly one key, {Names.Expectation}");
        if (!HasRoom(cursor, depth))
            return null;
        Clause? clause = null;
        foreach (var member in members)
            clause = Read(cursor, member, depth);
        return members.Count == 1 ? clause : null;
    }

    private Clause? Read(Cursor cursor, SourceMember member, int depth)
    {
        var value = cursor.Member(member);
        switch (member.Name)
        {
            case "all": return AllClause.Read(value, this, depth);
            case "any": return AnyClause.Read(value, this, depth);
            case "not": return NotClause.Read(value, this, depth);
            case "did": return DidClause.Read(value, calendar);
            case "sequence": return SequenceClause.Read(value, calendar);
            case "property": return PropertyClause.Read(value, calendar);
            case "in_cohort": return InCohortClause.Read(value);
            default:
                Names.Refuse(cursor, member.Name, member.Line, member.Column);
                return null;
        }
    }

    private bool HasRoom(Cursor cursor, int depth)
    {
        if (depth > DefinitionLimits.ClauseDepthMax)
        {
            cursor.Error($"a clause at depth {depth}", $"clauses nested at most {DefinitionLimits.ClauseDepthMax} deep");
            return false;
        }

        _count++;
        if (_count > DefinitionLimits.ClausesMax && !_reportedCount)
        {
            _reportedCount = true;
            cursor.Error("one clause too many", $"at most {DefinitionLimits.ClausesMax} clauses in a definition");
        }

        return true;
    }
}
