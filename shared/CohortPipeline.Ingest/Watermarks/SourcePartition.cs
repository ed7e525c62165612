using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>
/// One source partition on its way to the end that it had at some instant. While one end is being read up to, the newest of
/// the later answers waits: a partition that is always a little behind still gets somewhere.
/// </summary>
internal sealed class SourcePartition(TopicPartition partition, long position)
{
    public const long Unknown = -1;

    private Target? _target;
    private Target? _next;

    // From here to there, no record: where the last end of partition was seen. It is a fact of the log, true also after a rewind.
    private long _gapStart = Unknown;
    private long _gapEnd = Unknown;

    public TopicPartition Partition { get; } = partition;

    /// <summary>The next offset to read.</summary>
    public long Position { get; set; } = position;

    public long CommittedPosition { get; set; } = position;

    /// <summary>The last instant up to which everything was read.</summary>
    public long? Covered { get; private set; }

    /// <summary>Offsets between the position and the newest end that is known, transaction markers included.</summary>
    public long Behind => (_next ?? _target) is { } newest && Position != Unknown ? Math.Max(0, newest.End - Reached) : 0;

    private long Reached => Position >= _gapStart && Position < _gapEnd ? _gapEnd : Position;

    public void ReachEnd(long offset)
    {
        _gapStart = Position == Unknown ? offset : Math.Min(Position, offset);
        _gapEnd = offset;
        Position = Math.Max(Position, offset);
    }

    public void Aim(long instant, long end)
    {
        if (_target is null)
            _target = new(instant, end);
        else
            _next = new(instant, end);
    }

    /// <summary>The latest instant whose end was reached since the last call.</summary>
    public bool TryCover(out long instant)
    {
        instant = 0;
        var reached = false;
        while (_target is { } target && Position != Unknown && Reached >= target.End)
        {
            instant = target.Instant;
            reached = true;
            _target = _next;
            _next = null;
        }

        if (reached)
            Covered = instant;
        return reached;
    }

    private readonly record struct Target(long Instant, long End);
}
