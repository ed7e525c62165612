using System.Text.Json;

namespace CohortPipeline.Rules.Clauses;

/// <summary>A node of a definition's tree. Each kind stands in a file of its own, with how it is read, written and compiled.</summary>
public abstract class Clause
{
    private protected Clause()
    {
    }

    /// <summary>Its canonical JSON.</summary>
    public string Text => Definitions.CanonicalJson.ToText(Write);

    /// <summary>Ids of the cohorts whose membership is asked for.</summary>
    internal virtual IEnumerable<string> References => [];

    /// <summary>Writes the canonical form: the same meaning in the same bytes.</summary>
    internal abstract void Write(Utf8JsonWriter writer);

    /// <summary>Turns the clause into a condition on profiles, taking slots for the behaviors it measures.</summary>
    internal abstract Plans.Conditions.Condition Compile(Plans.CompileContext context);
}
