using System.Text.Json;

namespace CohortPipeline.Rules.Ranges;

/// <summary>
/// Which event times count at an instant <c>t</c>; of a sequence, which times of completion. Ranges only move on: what has
/// left one does not come back.
/// </summary>
public abstract class EventRange
{
    /// <summary>Stands for an instant that does not come.</summary>
    internal const long Never = long.MaxValue;

    private protected EventRange()
    {
    }

    /// <summary>Every time up to <c>t</c>.</summary>
    public static EventRange Ever { get; } = new EverRange();

    /// <summary>Neither time passing nor a bound keeps anything out.</summary>
    internal virtual bool IsEver => false;

    /// <summary>The earliest event time in range at an instant.</summary>
    internal abstract long FirstAt(long instant);

    /// <summary>Event times from here on are never in range.</summary>
    internal virtual long End => Never;

    /// <summary>The first instant at which an event time that was in range is so no more; <see cref="Never"/> for none.</summary>
    internal virtual long LeavesAt(long time) => Never;

    internal bool Contains(long time, long instant) => time <= instant && time < End && time >= FirstAt(instant);

    /// <summary>Writes the field of a <c>did</c> or <c>sequence</c> that gives the range; nothing for ever.</summary>
    internal abstract void Write(Utf8JsonWriter writer);

    /// <summary>Writes the time zone that the range depends on, if it does.</summary>
    internal virtual void WriteZone(Utf8JsonWriter writer)
    {
    }

    private sealed class EverRange : EventRange
    {
        internal override bool IsEver => true;

        internal override long FirstAt(long instant) => long.MinValue;

        internal override void Write(Utf8JsonWriter writer)
        {
        }
    }
}
