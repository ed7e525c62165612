namespace CohortPipeline.Sinks.Schedule;

/// <summary>
/// When syncs fall due: at whole multiples of an interval since the epoch, which for an hour and a day are UTC's own
/// boundaries. Instants are epoch milliseconds.
/// </summary>
public sealed class SyncSchedule
{
    private readonly long _interval;
    private readonly CatchUp _catchUp;

    private SyncSchedule(TimeSpan interval, CatchUp catchUp, bool isRealTime)
    {
        _interval = (long)interval.TotalMilliseconds;
        _catchUp = catchUp;
        IsRealTime = isRealTime;
    }

    /// <summary>True where a sync without changes is skipped; hourly and daily ones write their files all the same.</summary>
    public bool IsRealTime { get; }

    /// <summary>Of a destination that syncs: an S3 one, or an hourly or daily one of another kind.</summary>
    public static SyncSchedule Of(Destination destination)
    {
        var files = destination as S3Destination;
        var catchUp = files?.CatchUp ?? CatchUp.Newest;
        return destination.Cadence switch
        {
            Cadence.Hourly => new(TimeSpan.FromHours(1), catchUp, isRealTime: false),
            Cadence.Daily => new(TimeSpan.FromDays(1), catchUp, isRealTime: false),
            Cadence.RealTime when files is not null => new(files.SyncInterval, catchUp, isRealTime: true),
            _ => throw new ArgumentOutOfRangeException(nameof(destination), destination.Cadence, "has no boundaries"),
        };
    }

    /// <summary>The newest boundary at or before an instant.</summary>
    public long Latest(long instant) => instant - (((instant % _interval) + _interval) % _interval);

    /// <summary>The oldest boundary behind an instant.</summary>
    public long Next(long instant) => Latest(instant) + _interval;

    /// <summary>
    /// The boundary to sync at now, or null while the next one lies ahead. <paramref name="passed"/> is the newest boundary
    /// that is dealt with.
    /// </summary>
    public long? Due(long passed, long now)
    {
        var latest = Latest(now);
        if (latest <= passed)
            return null;
        return _catchUp == CatchUp.All ? Next(passed) : latest;
    }

    /// <summary>
    /// The newest boundary that is dealt with once a sync has ended. In real time, the boundaries that fell due while it ran
    /// are joined to the next one; an hour's or a day's file is never left out for that. Boundaries that were missed before it
    /// began stay missed, to be dealt with as such.
    /// </summary>
    public long PassedAfter(long boundary, long startedAt, long endedAt) =>
        IsRealTime && Latest(startedAt) <= boundary ? Math.Max(boundary, Latest(endedAt)) : boundary;
}
