using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

/// <summary>
/// The one loop: poll, process, stage, commit, promote; or on a sure abort drop, rewind, read again. One thread, one
/// reader, one writer. Exactly once rests on the rules in <c>docs/architecture.md</c>, "Exactly once".
/// </summary>
/// <remarks>
/// A service runs it on a thread (<see cref="Run"/>), which is no more than <see cref="Begin"/>, <see cref="Turn"/> again and
/// again, <see cref="Leave"/>; a simulation takes these steps itself.
/// </remarks>
public sealed partial class Lane : IAssignmentHandler, IDisposable
{
    /// <summary>
    /// How long a newcomer that was given nothing waits for its share before it counts as joined: others must give up first
    /// what is meant for it, and hear of that by their heartbeats (5 s with KIP-848).
    /// </summary>
    private static readonly TimeSpan ShareWait = TimeSpan.FromSeconds(10);

    private readonly ILog _log;
    private readonly LaneOptions _options;
    private readonly string _transactionalId;
    private readonly LaneLife _life;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly LaneOutput _output;
    private readonly LaneTelemetry _telemetry;
    private readonly OwnedPartitions _owned = new();
    private readonly ComingPartitions _coming;
    private readonly ILogReader _reader;
    private readonly ILaneProcessor _processor;
    private readonly LogWait _wait;
    private readonly CancellationToken _stop;
    private ILogWriter? _writer;
    private bool _hasJoined;
    private long _joinedAt;
    private bool _isRewindDue;
    private bool _isMoreDue;
    private int _abortsInRow;
    private long _changedAt;
    private long _movedAt;

    /// <summary>A lane for a thread of its own.</summary>
    public Lane(ILog log, LaneOptions options, int number, Func<ILogReader, ILaneProcessor> createProcessor, TimeProvider time, ILogger logger, CancellationToken stop)
        : this(log, options, LaneLife.OnThread(number, stop), createProcessor, time, logger, stop)
    {
    }

    public Lane(ILog log, LaneOptions options, LaneLife life, Func<ILogReader, ILaneProcessor> createProcessor, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        _log = log;
        _options = options;
        _life = life;
        _transactionalId = $"{options.TransactionalId}.{life.Number}";
        _time = time;
        _logger = logger;
        _wait = new(_transactionalId, time, logger);
        _stop = stop;
        _output = new(options.CommitBytesMax);
        _coming = new(log, options.Group, life, _wait);
        _reader = log.OpenReader(new(options.Group, options.IsStaticMember ? _transactionalId : null));
        _telemetry = new(options, time);
        _processor = createProcessor(_reader);
    }

    /// <summary>True once the lane has joined its group, has its share, perhaps nothing, and that is restored.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Why the lane stands still at the moment; null while it goes on.</summary>
    public string? WaitingFor => _wait.Reason;

    private bool HasShare => _coming.Count == 0 && (_owned.Count > 0 || _time.GetElapsedTime(_joinedAt) >= ShareWait);

    private TimeSpan CommitAge => _time.GetElapsedTime(_changedAt);

    /// <summary>Runs until the stop, then commits what is done and leaves. Throws when it must not go on.</summary>
    public void Run()
    {
        using (this)
        {
            try
            {
                Begin();
                while (!_stop.IsCancellationRequested)
                    Turn();
                Leave();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Stopped while waiting for the log: nothing is open that could be committed.
            }
        }
    }

    /// <summary>Opens the writer, which ends what an earlier life left open, and joins the group.</summary>
    public void Begin()
    {
        UseNewWriter();
        Retrying(() => _processor.Begin(_output));
        Retrying(() => _reader.Subscribe(_options.Topics, this));
    }

    /// <summary>Once around the loop: what was restored, one poll, what came of it, and a commit if one is due.</summary>
    public void Turn()
    {
        try
        {
            TakeOverRestored();
            var poll = _telemetry.Begin();
            if (Poll() is { } batch)
                Work(batch, poll);
        }
        catch (LogUnavailableException exception)
        {
            _wait.ReadingFailed(exception);
            Abort();
            _life.Wait(_options.IdleWait);
        }
    }

    /// <summary>Commits what is done and leaves the group.</summary>
    public void Leave() => _reader.Leave();

    public void Dispose()
    {
        _coming.Dispose();
        _writer?.Dispose();
        _reader.Dispose();
    }

    /// <inheritdoc/>
    public void Assigned(IReadOnlyList<TopicPartition> partitions)
    {
        if (!_hasJoined)
            _joinedAt = _time.GetTimestamp();
        _hasJoined = true;
        foreach (var partition in partitions)
            _coming.Add(partition, _processor.Restore(partition));
    }

    /// <inheritdoc/>
    public void Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        if (!_isRewindDue)
            Commit();
        Remove(partitions);
    }

    /// <inheritdoc/>
    public void Lost(IReadOnlyList<TopicPartition> partitions)
    {
        LogEvents.Lost(_logger, partitions.Count, _transactionalId);
        _hasJoined = false;
        Abort();
        Remove(partitions);
    }

    /// <summary>Null where there is nothing to work on: nobody answered, or the batch in hand is dead.</summary>
    private RecordBatch? Poll()
    {
        RecordBatch batch;
        try
        {
            batch = _reader.Poll(_options.BatchRecordsMax, _changedAt != 0 || _isMoreDue ? TimeSpan.Zero : _options.IdleWait);
        }
        catch (LogUnavailableException exception)
        {
            // What was appended since the last commit stands; polling again is right.
            _wait.ReadingFailed(exception);
            _life.Wait(_options.IdleWait);
            return null;
        }

        _wait.ReadingWorks();
        IsJoined = _hasJoined && HasShare;
        if (_isRewindDue)
        {
            Rewind();
            return null;
        }

        return GoOnWhereOffsetsAreGone(batch) ? null : batch;
    }

    private void Work(RecordBatch batch, in LaneTelemetry.Operation poll)
    {
        _telemetry.Polled(batch, poll);
        if (Process(batch))
            Tick(isIdle: batch.Records.Length == 0);
        if (_isRewindDue)
            Rewind();
    }

    /// <summary>Processes the batch, and commits within it wherever the transaction is full; false if it was dropped with what was to be committed.</summary>
    private bool Process(RecordBatch batch)
    {
        var process = _telemetry.Begin();
        var done = 0;
        do
        {
            if (done > 0)
                Commit();
            if (_isRewindDue)
                return false;
            var first = done;
            done = _processor.Process(batch, first, _output);
            _owned.Advance(batch.Records[first..done]);
            if (done > first)
                MarkChanged();
        }
        while (done < batch.Records.Length);
        _owned.Advance(batch.Signals);
        _telemetry.Processed(batch, process);
        return true;
    }

    private void Tick(bool isIdle)
    {
        _isMoreDue = _processor.Tick(_output);
        if (_output.Touched.Count > 0)
            MarkChanged();
        if (IsCommitDue(isIdle && !_isMoreDue))
            Commit();
    }

    /// <summary>Partitions whose restores are done begin to be read; one that failed ends the lane.</summary>
    private void TakeOverRestored()
    {
        var done = _coming.TakeDone();
        if (done.Count == 0)
            return;
        foreach (var restore in done)
        {
            restore.ThrowFailure();
            _processor.Assigned(restore.Committed, restore.State);
            _owned.Add(restore.Partition, restore.Start, restore.Sequence);
            LogEvents.Assigned(_logger, restore.Partition, restore.Start, _transactionalId);
        }

        _reader.Seek([.. done.Select(restore => new PartitionPosition(restore.Partition.Topic, restore.Partition.Partition, restore.Start))]);
    }

    private void MarkChanged()
    {
        if (_changedAt == 0)
            _changedAt = _time.GetTimestamp();
    }

    private bool IsCommitDue(bool isIdle)
    {
        if (_changedAt != 0)
            return isIdle || CommitAge >= _options.CommitInterval || _output.IsFull;
        if (!_owned.AnyMoved())
        {
            _movedAt = 0;
            return false;
        }

        if (_movedAt == 0)
            _movedAt = _time.GetTimestamp();
        return _time.GetElapsedTime(_movedAt) >= _options.MarkerCommitInterval;
    }

    private void Rewind()
    {
        if (_abortsInRow++ > 0)
            _life.Wait(Backoff.Delay(_abortsInRow, _life.Chance.NextDouble()));
        var positions = new List<PartitionPosition>(_owned.Count);
        foreach (var owned in _owned.All)
        {
            owned.Next = owned.Committed;
            owned.IsDirty = false;
            positions.Add(new(owned.Partition.Topic, owned.Partition.Partition, owned.Committed));
        }

        if (positions.Count > 0)
            _reader.Seek(positions);
        _isRewindDue = false;
    }

    /// <summary>What retention took unread is lost, and said so; the lane goes on with what is left.</summary>
    private bool GoOnWhereOffsetsAreGone(RecordBatch batch)
    {
        var gone = new List<PartitionPosition>();
        foreach (ref readonly var signal in batch.Signals)
        {
            if (signal.Kind != PartitionSignalKind.OffsetGone || _owned.Find(new(signal.Topic, signal.Partition)) is not { } owned)
                continue;
            var first = _reader.FirstOffset(owned.Partition);
            LogEvents.OffsetGone(_logger, owned.Partition, owned.Next, first);
            LaneMetrics.OffsetsGone.Add(1);
            if (first < owned.Next)
                throw new InvalidOperationException($"{owned.Partition}: the committed position {owned.Next} lies behind the partition's end; was the topic created again?");
            owned.Next = first;
            gone.Add(new(signal.Topic, signal.Partition, first));
        }

        if (gone.Count == 0)
            return false;
        // The batch is dead after a seek; what came of other partitions with it is read again from its own position.
        foreach (var owned in _owned.All)
        {
            if (!gone.Exists(position => position.TopicPartition == owned.Partition))
                gone.Add(new(owned.Partition.Topic, owned.Partition.Partition, owned.Next));
        }

        _reader.Seek(gone);
        return true;
    }

    private void Remove(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (!_coming.Remove(partition))
            {
                _owned.Remove(partition);
                _processor.Removed(partition);
            }

            LogEvents.Removed(_logger, partition, _transactionalId);
        }
    }

    private void Retrying(Action action)
    {
        for (var attempt = 0; ; attempt++)
        {
            _stop.ThrowIfCancellationRequested();
            try
            {
                action();
                _wait.WritingWorks();
                return;
            }
            catch (LogUnavailableException exception)
            {
                _wait.WritingFailed(exception);
                _life.Wait(Backoff.Delay(attempt, _life.Chance.NextDouble()));
            }
        }
    }
}
