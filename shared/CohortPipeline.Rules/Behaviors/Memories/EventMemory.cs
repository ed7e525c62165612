using System.Text.Json;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>What a profile remembers of a behavior: enough for its measures to be exact whatever comes late, and no more (<c>docs/spec/cohorts.md</c> §5).</summary>
internal abstract class EventMemory
{
    /// <summary>The property of events that is measured; null for none.</summary>
    public virtual PropertyPath? Of => null;

    /// <summary>What is remembered of an event beside its time.</summary>
    public virtual RememberedValue Value => RememberedValue.None;

    /// <summary>Cohorts are looked at again whenever something was remembered or time may have flipped something; otherwise where a measure has crossed a bound.</summary>
    public virtual bool IsJudgedWhole => false;

    /// <summary>Every event that could count is kept: as many as a profile may remember of one behavior, and no more.</summary>
    public virtual bool KeepsEveryEvent => false;

    /// <summary>Whether an event that matches could count at an instant, or later.</summary>
    public virtual bool IsUseful(in Occurrence occurrence, EventRange range, long instant) => range.Contains(occurrence.Time, instant);

    /// <summary>Remembers a useful event, or changes nothing. A duplicate was turned away before.</summary>
    public abstract void Remember(RememberedEvents events, in Occurrence occurrence);

    /// <summary>Forgets what the range has left behind at an instant.</summary>
    public virtual void Slide(RememberedEvents events, EventRange range, long instant)
    {
        if (events.Count > 0 && range.LeavesAt(events.Oldest) <= instant)
            events.DropBefore(range.FirstAt(instant));
    }

    /// <summary>The earliest instant at which <see cref="Slide"/> has something to forget; <see cref="EventRange.Never"/> for none.</summary>
    public virtual long NextSlide(RememberedEvents events, EventRange range) => events.Count > 0 ? range.LeavesAt(events.Oldest) : EventRange.Never;

    /// <summary>The earliest instant after <paramref name="instant"/> at which time alone could change what cohorts see; <see cref="EventRange.Never"/> for none.</summary>
    public abstract long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch);

    /// <summary>Makes room: the oldest event goes, and with it exactness.</summary>
    public virtual void DropOldest(RememberedEvents events)
    {
        events.DropOldest(1);
        events.IsApproximate = true;
    }

    /// <summary>Writes what tells one memory from another.</summary>
    public abstract void WriteKey(Utf8JsonWriter writer);
}

/// <summary>An event that matches a behavior, at the moment it is applied.</summary>
/// <param name="Time">Epoch milliseconds.</param>
/// <param name="Hash">Of its type and insert id.</param>
/// <param name="Values">What <see cref="EventMemory.Of"/> leads to.</param>
/// <param name="Steps">Of a sequence: a bit for each step that it matches.</param>
internal readonly ref struct Occurrence(long Time, uint Hash, Candidates Values, uint Steps)
{
    public long Time { get; } = Time;

    public uint Hash { get; } = Hash;

    public Candidates Values { get; } = Values;

    public uint Steps { get; } = Steps;
}
