using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A profile at an instant, under a plan: what clauses are asked about.</summary>
internal sealed record OracleMoment(OracleProfile Profile, OraclePlan Plan, long Instant);

/// <summary>A clause of a definition: true or false for a profile at an instant, found from all that the profile did.</summary>
internal abstract class OracleClause
{
    /// <summary>The clauses in it.</summary>
    protected virtual IReadOnlyList<OracleClause> Parts => [];

    public abstract bool Holds(OracleMoment moment);

    /// <summary>This clause and all in it.</summary>
    public IEnumerable<OracleClause> Tree => Parts.SelectMany(part => part.Tree).Prepend(this);

    /// <summary>Instants at which time alone may change the answer, among others at which it does not.</summary>
    public virtual IEnumerable<long> Flips(OracleProfile profile) => [];

    public static OracleClause Parse(JsonElement json, OracleCalendar calendar)
    {
        var (name, value) = json.EnumerateObject().Select(member => (member.Name, member.Value)).Single();
        return name switch
        {
            "all" => new AllClause([.. value.EnumerateArray().Select(part => Parse(part, calendar))]),
            "any" => new AnyClause([.. value.EnumerateArray().Select(part => Parse(part, calendar))]),
            "not" => new NotClause(Parse(value, calendar)),
            "did" => OracleDid.Parse(value, calendar),
            "sequence" => new SequenceClause(OracleSequence.Parse(value, calendar)),
            "property" => OraclePropertyClause.Parse(value, calendar),
            "in_cohort" => new InCohortClause(value.GetString()!),
            _ => throw new NotSupportedException($"the oracle does not know the clause `{name}`"),
        };
    }

    private sealed class AllClause(OracleClause[] clauses) : OracleClause
    {
        protected override IReadOnlyList<OracleClause> Parts => clauses;

        public override bool Holds(OracleMoment moment) => clauses.All(clause => clause.Holds(moment));
    }

    private sealed class AnyClause(OracleClause[] clauses) : OracleClause
    {
        protected override IReadOnlyList<OracleClause> Parts => clauses;

        public override bool Holds(OracleMoment moment) => clauses.Any(clause => clause.Holds(moment));
    }

    private sealed class NotClause(OracleClause clause) : OracleClause
    {
        protected override IReadOnlyList<OracleClause> Parts => [clause];

        public override bool Holds(OracleMoment moment) => !clause.Holds(moment);
    }

    /// <summary>Membership at the same instant is what the other definition says at it.</summary>
    private sealed class InCohortClause(string id) : OracleClause
    {
        public override bool Holds(OracleMoment moment) => moment.Plan.Find(id)!.Where.Holds(moment);
    }

    private sealed class SequenceClause(OracleSequence sequence) : OracleClause, IOracleBehaviorClause
    {
        public OracleBehavior Behavior => sequence;

        public override bool Holds(OracleMoment moment) =>
            sequence.Completions(moment.Profile.EventsOf(sequence)).Any(completion => sequence.Range.Contains(completion, moment.Instant));
    }
}

/// <summary>A clause about events, which are remembered for it.</summary>
internal interface IOracleBehaviorClause
{
    OracleBehavior Behavior { get; }
}
