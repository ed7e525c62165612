namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// A bucket that fills at a rate. Whoever finds something in it may take more than there is, which delays the next: so
/// nothing is ever too large for it.
/// </summary>
/// <param name="perSecond">How fast it fills.</param>
internal sealed class Pace(double perSecond)
{
    /// <summary>What an idle bucket holds: so much of a second at once.</summary>
    private const double BurstSeconds = 0.1;

    private double _level = perSecond * BurstSeconds;
    private long _at;

    /// <summary>Between 0 and 1: how much of the rate is used.</summary>
    public double Share { get; set; } = 1;

    public bool HasAny(long now) => LevelAt(now) > 0;

    public void Take(double amount, long now)
    {
        _level = LevelAt(now) - amount;
        _at = Math.Max(_at, now);
    }

    /// <summary>The first millisecond at which there is something in it.</summary>
    public long AnyAt => _level > 0 ? _at : _at + 1 + (long)(-_level / (perSecond * Share) * 1000);

    private double LevelAt(long now) => Math.Min(perSecond * BurstSeconds, _level + (perSecond * Share * Math.Max(0, now - _at) / 1000));
}
