using System.Text.Json;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Filters;

namespace CohortPipeline.Rules.Measures;

/// <summary>What is asked of the events of a <c>did</c>: what has to be remembered, what is made of it, and the bound.</summary>
/// <param name="Name">Its field in definitions.</param>
/// <param name="Of">The measured property; null for measures of events themselves.</param>
internal sealed record Measure(string Name, EventMemory Memory, MeasureFunction Function, Bound Bound, PropertyPath? Of = null)
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Name);
        if (Of is not null)
            writer.WriteString("of"u8, Of.Text);
        (Function == MeasureFunction.Count ? BoundReader.OfCounts : BoundReader.OfNumbers).WriteMember(writer, Bound);
        writer.WriteEndObject();
    }
}
