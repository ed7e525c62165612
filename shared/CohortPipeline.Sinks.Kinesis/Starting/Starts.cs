using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Brings partitions that have to start to where they deliver deltas: the start is committed, the rows are read and sent,
/// and once all of them are accepted the deltas follow. The start is done when these have passed what was their end when the
/// rows were read: until then whoever takes over begins anew, since a delta may be older than a row that was sent. Others
/// deliver meanwhile.
/// </summary>
internal sealed class Starts(SinkEnvironment environment, KinesisDestination destination, DeltaComposer? composer, ILogReader reader, OwnedPartitions owned) : IDisposable
{
    private static readonly TimeSpan RowWait = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<PartitionProgress, PlannedStart> _planned = [];

    /// <summary>The rows were read for these, up to that end of their deltas.</summary>
    private readonly Dictionary<PartitionProgress, long> _read = [];
    private RowReplay? _replay;

    /// <summary>What is under way, and how many percent of its rows are read; null: no partition starts.</summary>
    public (SinkState State, int Progress)? Standing => owned.All.FirstOrDefault(progress => progress.IsStarting) is not { } starting
        ? null
        : (IsSnapshot(starting) ? SinkState.Snapshot : SinkState.Resync, (int)(100 * (_replay?.Share ?? (_read.Count > 0 ? 1 : 0))));

    public bool IsReading => _replay is not null;

    /// <summary>Plans a start of <paramref name="progress"/> at what is the end of its deltas now.</summary>
    /// <param name="progress">The partition.</param>
    /// <param name="since">Of a resync: what changed before is delivered; null: a snapshot.</param>
    /// <exception cref="LogUnavailableException">The log did not answer, and nothing is planned.</exception>
    public void Plan(PartitionProgress progress, long? since)
    {
        var marks = Enumerable.Range(0, environment.Topics.Memberships.PartitionCount)
            .Select(partition => reader.EndOffset(new(environment.Topics.Memberships.Name, partition), Isolation.Committed))
            .ToArray();
        _planned[progress] = new(new(since, marks), reader.EndOffset(progress.Partition, Isolation.Uncommitted));
        progress.Hold();
    }

    /// <exception cref="LogUnavailableException">The log did not answer; the next turn goes on.</exception>
    public void Turn(long now, Predicate<long> hasRoom)
    {
        foreach (var (progress, plan) in _planned)
        {
            if (owned.Find(progress.Partition) == progress)
                BeginIfDecided(progress, plan);
            else
                _planned.Remove(progress);
        }

        if (_replay is null && owned.All.Any(IsToRead))
        {
            _replay = new(environment.Log, environment.Topics, destination, composer!, owned.All.Where(IsToRead).ToArray());
            LogEvents.Starting(environment.Logger, destination.Id, Standing?.State == SinkState.Resync ? "a resync" : "a snapshot", _replay.Partitions.Count());
        }

        if (_replay is { IsDone: false })
            _replay.Poll(now, hasRoom, RowWait);
        if (_replay is { IsDone: true } done)
            End(done);
        foreach (var (progress, deltasEnd) in _read)
        {
            if (!progress.AreRowsSettled)
                continue;
            progress.FollowRows();
            if (progress.SettledPosition < deltasEnd)
                continue;
            progress.EndStart();
            _read.Remove(progress);
            LogEvents.Started(environment.Logger, destination.Id, progress.Partition, progress.Position);
        }
    }

    /// <summary>The partition has gone to another owner.</summary>
    public void Drop(PartitionProgress progress)
    {
        _planned.Remove(progress);
        _read.Remove(progress);
        _replay?.Drop(progress);
    }

    public void Dispose() => _replay?.Dispose();

    /// <summary>
    /// The marks were asked for first, the undecided end of the deltas then, and the position lies behind that once all is
    /// decided there: so a delta behind the position is of a transaction that was still open at the marks, and its row lies
    /// behind them. (Markers are written partition by partition: the decided ends alone say nothing of each other.)
    /// </summary>
    private void BeginIfDecided(PartitionProgress progress, PlannedStart plan)
    {
        var decided = reader.EndOffset(progress.Partition, Isolation.Committed);
        if (decided < plan.DeltasEnd)
            return;
        progress.Begin(plan.Start, decided, isAnnounced: false);
        reader.Seek([new(progress.Partition.Topic, progress.Partition.Partition, decided)]);
        _planned.Remove(progress);
    }

    private bool IsSnapshot(PartitionProgress starting) =>
        (starting.Start ?? _planned.GetValueOrDefault(starting)?.Start) is not { IsSnapshot: false };

    private bool IsToRead(PartitionProgress progress) => progress.IsStartAnnounced && !_read.ContainsKey(progress);

    private void End(RowReplay replay)
    {
        var ends = replay.Partitions.Select(progress => (progress, reader.EndOffset(progress.Partition, Isolation.Committed))).ToArray();
        foreach (var (progress, end) in ends)
        {
            progress.Sent.KeepPastMarks();
            _read.Add(progress, end);
        }

        replay.Dispose();
        _replay = null;
    }

    /// <summary>A start that waits until everything before that end of its deltas is decided.</summary>
    private sealed record PlannedStart(PartitionStart Start, long DeltasEnd);
}
