using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Properties.Timed;

/// <summary>Where a property's value, an instant <c>v</c>, stands to the instant of evaluation <c>t</c>. Flips by time alone, to the millisecond.</summary>
internal abstract class TimedTest(string name, ZoneCalendar calendar)
{
    /// <summary>The operator's name in definitions.</summary>
    public string Name => name;

    /// <summary>As JSON.</summary>
    public string Text => Definitions.CanonicalJson.ToText(writer =>
    {
        writer.WriteStartObject();
        Write(writer);
        writer.WriteEndObject();
    });

    /// <summary>The same for equal tests of one property, and for these alone.</summary>
    public string Key => $"{calendar.Name} {Text}";

    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Whether one of the values is an instant for which the test holds.</summary>
    public bool Holds(Candidates candidates, long instant)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (TryInstant(candidates, i, out var value) && Holds(value, instant))
                return true;
        }

        return false;
    }

    /// <summary>The earliest instant after <paramref name="instant"/> at which the test flips for one of the values; <see cref="EventRange.Never"/> for none.</summary>
    public long NextFlip(Candidates candidates, long instant)
    {
        var next = EventRange.Never;
        for (var i = 0; i < candidates.Count; i++)
        {
            if (TryInstant(candidates, i, out var value))
                next = Math.Min(next, NextFlip(value, instant));
        }

        return next;
    }

    protected abstract bool Holds(long value, long instant);

    protected abstract long NextFlip(long value, long instant);

    /// <summary>The earlier of two instants that is still to come.</summary>
    protected static long NextOf(long first, long second, long instant)
    {
        if (first > instant)
            return first;
        return second > instant ? second : EventRange.Never;
    }

    /// <summary>Numbers, and texts that are numbers, are epoch seconds or milliseconds; a date is its first instant in the definition's time zone.</summary>
    private bool TryInstant(Candidates candidates, int index, out long value)
    {
        var text = candidates.TextOf(index);
        if (NumericText.TryParse(text, out _))
            return InstantText.TryParseNumber(text, out value);
        return calendar.TryParse(text, out value);
    }
}

/// <summary><c>in_last: D</c>: <c>t − D &lt; v ≤ t</c>.</summary>
internal sealed class InLastTest(long length, ZoneCalendar calendar) : TimedTest(Operator, calendar)
{
    public const string Operator = "in_last";

    public override void Write(Utf8JsonWriter writer) => writer.WriteString(Operator, Duration.ToText(length));

    protected override bool Holds(long value, long instant) => value <= instant && instant - length < value;

    protected override long NextFlip(long value, long instant) => NextOf(value, value + length, instant);
}

/// <summary><c>in_next: D</c>: <c>t &lt; v ≤ t + D</c>.</summary>
internal sealed class InNextTest(long length, ZoneCalendar calendar) : TimedTest(Operator, calendar)
{
    public const string Operator = "in_next";

    public override void Write(Utf8JsonWriter writer) => writer.WriteString(Operator, Duration.ToText(length));

    protected override bool Holds(long value, long instant) => instant < value && value <= instant + length;

    protected override long NextFlip(long value, long instant) => NextOf(value - length, value, instant);
}

/// <summary><c>before: X</c> (<c>v &lt; X</c>) and <c>after: X</c> (<c>v &gt; X</c>).</summary>
/// <param name="other">X; null for <c>now</c>, which is <c>t</c>.</param>
internal sealed class BesideTest(string name, long? other, ZoneCalendar calendar) : TimedTest(name, calendar)
{
    public const string Before = "before";
    public const string After = "after";
    public const string Now = "now";

    public override void Write(Utf8JsonWriter writer) => writer.WriteString(Name, other is { } instant ? Instant.ToRfc3339(instant) : Now);

    protected override bool Holds(long value, long instant) => Name == Before ? value < (other ?? instant) : value > (other ?? instant);

    protected override long NextFlip(long value, long instant)
    {
        if (other is not null)
            return EventRange.Never;
        var flips = Name == Before ? value + 1 : value;
        return flips > instant ? flips : EventRange.Never;
    }
}
