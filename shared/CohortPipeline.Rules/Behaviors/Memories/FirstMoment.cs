using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>Since when a property once satisfied its tests: what <c>ever_was</c> needs. Not an event: the moment is taken from the profile's properties.</summary>
internal sealed class FirstMoment(PropertyPath path, ImmutableArray<ValueTest> tests) : EventMemory
{
    public PropertyPath Path => path;

    public bool Holds(Profile profile, Candidates candidates)
    {
        candidates.Resolve(path, profile.Properties);
        return ValueTest.AllHold(tests, candidates);
    }

    public override void Remember(RememberedEvents events, in Occurrence occurrence) =>
        throw new InvalidOperationException("what a property once was is not remembered of events");

    public override void Slide(RememberedEvents events, EventRange range, long instant)
    {
    }

    public override long NextSlide(RememberedEvents events, EventRange range) => EventRange.Never;

    public override long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch) => EventRange.Never;

    public override void WriteKey(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("ever_was"u8);
        writer.WriteString("name"u8, path.Text);
        foreach (var test in tests)
            test.Write(writer);
        writer.WriteEndObject();
    }
}
