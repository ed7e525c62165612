using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// What the delivering thread does, a turn at a time: polls, composes, starts requests, takes their responses, commits.
/// Everything that decides is in <see cref="DeliveryQueue"/>, <see cref="PartitionProgress"/> and the composer; this is their shell.
/// </summary>
internal sealed class DeliveryLoop : IPositionedHandler, IDisposable
{
    private const int PollRecordsMax = 1_000;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Between looks at responses while requests are under way.</summary>
    private static readonly TimeSpan ResponseWait = TimeSpan.FromMilliseconds(5);

    /// <summary>How far the clocks of those who write rows and deltas may be apart.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(100);

    private readonly SinkEnvironment _environment;
    private readonly KinesisDestination _destination;
    private readonly SinkStatus _status;
    private readonly string _topic;
    private readonly ILogReader _reader;
    private readonly DeliveryQueue _queue;
    private readonly DeliveryCounts _counts = new();
    private readonly RecordComposer _composer;
    private readonly IRequestCarrier _requests;
    private readonly PartitionWriters _writers;
    private readonly OwnedPartitions _owned = new();
    private readonly Intake _intake;
    private readonly Commits _commits;
    private readonly Starts _starts;
    private readonly RepeatLimit _logWaits;
    private readonly long _startedAt;
    private long _lastTurn;
    private long _lastCommit;

    public DeliveryLoop(SinkEnvironment environment, KinesisDestination destination, SinkStatus status, DeliveryLife life)
    {
        _environment = environment;
        _destination = destination;
        _status = status;
        _requests = life.Requests;
        _logWaits = new(environment.Time);
        _startedAt = environment.Time.GetTimestamp();
        _topic = Composers.TopicOf(destination, environment.Topics).Name;
        var group = new PipelineGroups(environment.Topics).Sink(destination.Id);
        _queue = new(DeliveryLimits.Of(destination), life.JitterSeed);
        _composer = Composers.Create(destination, new(_queue.Rent, _queue.Add, life.RandomKey, environment.Time.GetUtcNow));
        _writers = new(environment.Log, environment.Topics, destination.Id);
        _reader = environment.Log.OpenReader(new(group));
        _commits = new(_reader, _writers, destination.Id, environment.Logger);
        _intake = new(_reader, _owned, _composer, environment.Options, HasRoom, () => _queue.HeldRecords == 0) { GoOnAt = GoOnAt };
        _starts = new(environment, destination.Id, _composer as DeltaComposer, _reader, _owned);
    }

    /// <summary>It has joined its group, and the log answers.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Some of its partitions are not at their deltas alone yet.</summary>
    public bool IsStarting => _starts.Standing is not null;

    /// <summary>What is held in memory for the destination.</summary>
    public long HeldBytes => _queue.HeldBytes + _composer.HeldBytes + _counts.PendingDeadLetterBytes;

    /// <summary>Delivers until <paramref name="stop"/>, then drains.</summary>
    public void Run(CancellationToken stop)
    {
        Begin();
        while (!stop.IsCancellationRequested)
            Turn();
        Leave();
    }

    public void Begin()
    {
        _reader.Subscribe([_topic], this);
        _lastTurn = Now();
    }

    public void Turn()
    {
        var now = TakeResponses();
        _composer.Tick(now);
        while (_queue.TryStart(now) is { } request)
            _requests.Start(request);
        if (now - _lastCommit >= CommitInterval.TotalMilliseconds)
            Commit(_owned.All);
        _intake.Resume();
        TurnStarts(now);
        Poll(now);
        Report();
    }

    /// <summary>Takes nothing in any more, finishes what is in flight, commits, and leaves the group.</summary>
    public void Leave()
    {
        FinishInFlight();
        Commit(_owned.All);
        _reader.Leave();
        Report();
    }

    public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        // All questions first: where one has no answer, nothing is taken over.
        PartitionProgress[] taken = [.. partitions.Select(committed => new PartitionProgress(committed.TopicPartition, BeginningOf(committed), committed.Offset, _counts))];
        if (_destination.Format != KinesisFormat.Events)
            Cover(taken);
        foreach (var progress in taken)
        {
            _owned.Add(progress);
            LogEvents.Assigned(_environment.Logger, _destination.Id, progress.Partition, progress.Position);
        }

        return [.. taken.Select(progress => progress.Position)];
    }

    /// <summary>Nothing new starts in here: what is in flight ends, what is delivered is committed, the rest goes to the next owner.</summary>
    public void Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        FinishInFlight();
        Commit(partitions.Select(_owned.Find).OfType<PartitionProgress>());
        Remove(partitions);
    }

    public void Lost(IReadOnlyList<TopicPartition> partitions) => Remove(partitions);

    public void Dispose()
    {
        _requests.Dispose();
        _starts.Dispose();
        _writers.Dispose();
        _composer.Dispose();
        _reader.Dispose();
    }

    private bool HasRoom(long bytes) => HeldBytes == 0 || HeldBytes + bytes <= _environment.Options.BudgetBytes;

    /// <summary>Rows take half of the budget alone, below which paused partitions go on; a start is not to hold up what is live.</summary>
    private bool HasRoomForRow(long bytes) => HasRoom(bytes) && (_queue.HeldRecords == 0 || HeldBytes + bytes <= _environment.Options.BudgetBytes / 2);

    private long Now() => (long)_environment.Time.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>
    /// Begins a turn. After a standstill somebody else may own the partitions and have sent what is held here: it is dropped,
    /// and the destination starts again from its offsets.
    /// </summary>
    private long TakeResponses()
    {
        var now = Now();
        if (now - _lastTurn > _environment.Options.StallMax.TotalMilliseconds)
            throw new FencedException($"the sink stood still for {(now - _lastTurn) / 1000.0:0.0} s, longer than Sink:StallMax");
        _lastTurn = now;
        while (_requests.TryTake(out var request, out var response))
        {
            CountRetries(request, response);
            _queue.Complete(request, response, now);
        }

        return now;
    }

    /// <summary>Where a partition begins: where its last owner left it; else with the first event, or with the deltas from now on.</summary>
    private DeliveryMetadata BeginningOf(in CommittedPosition committed)
    {
        if (committed.Exists)
            return DeliveryMetadata.Of(committed);
        var position = _destination.Format == KinesisFormat.Events ? _reader.FirstOffset(committed.TopicPartition) : _reader.EndOffset(committed.TopicPartition, Isolation.Committed);
        return new(0, AcceptedAhead.None(position));
    }

    /// <summary>Says what the positions of partitions stand for, and what is to be sent of cohorts that are new to them.</summary>
    private void Cover(IEnumerable<PartitionProgress> taken)
    {
        var coverages = Coverages.ReadAll(_environment.Log, _environment.Topics, _destination.Id);
        foreach (var progress in taken)
        {
            var found = coverages.GetValueOrDefault(progress.Partition.Partition);
            var next = PartitionCoverage.Next(found, progress.Committed != CommittedPosition.None, _destination.Cohorts, _destination.Start, _starts.Marks);
            progress.StandFor(next, isCommitted: ReferenceEquals(next, found));
        }
    }

    /// <summary>Deltas that are gone are made up for by the present state of all that they may have changed; events that are gone are lost.</summary>
    private long GoOnAt(PartitionProgress progress)
    {
        var isOfDeltas = _destination.Format != KinesisFormat.Events;
        var (position, first) = (progress.Position, _reader.FirstOffset(progress.Partition));
        if (isOfDeltas)
        {
            // What a start has not sent yet may have been written at any time.
            var since = progress.Start is null ? Math.Max(0, progress.DeliveredUntil - (long)ClockMargin.TotalMilliseconds) : 0;
            var resync = PartitionCoverage.Resync(_destination.Cohorts, since, _starts.Marks());
            _starts.Drop(progress);
            progress.StandFor(resync, isCommitted: false);
        }

        LogEvents.OffsetGone(_environment.Logger, _destination.Id, progress.Partition, position, first, isOfDeltas ? ", behind a resync" : "");
        progress.GoOn(first);
        return first;
    }

    private void Poll(long now)
    {
        try
        {
            var batch = _reader.Poll(PollRecordsMax, WaitFor(now));
            IsJoined = true;

            _intake.Take(batch, Now());
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
            _requests.Wait(IdleWait);
        }
    }

    private void TurnStarts(long now)
    {
        try
        {
            _starts.Turn(now, HasRoomForRow);
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
        }
    }

    private void TellLogWait(LogUnavailableException failure)
    {
        if (_logWaits.MayTell(out var times))
            LogEvents.LogUnavailable(_environment.Logger, _destination.Id, failure.Message, times);
        if (_status.State == SinkState.Parked)
            return;
        IsJoined = false;
        _status.Starting($"the log does not answer: {failure.Message}");
    }

    private TimeSpan WaitFor(long now)
    {
        if (_starts.IsReading)
            return TimeSpan.Zero;
        if (_queue.RequestsInFlight > 0)
            return ResponseWait;
        var due = Math.Min(_queue.NextDue ?? long.MaxValue, _composer.NextDue ?? long.MaxValue);
        return due - now < IdleWait.TotalMilliseconds ? TimeSpan.FromMilliseconds(Math.Max(0, due - now)) : IdleWait;
    }

    private void Commit(IEnumerable<PartitionProgress> partitions)
    {
        _lastCommit = Now();
        _status.Throttled([.. _queue.ThrottledShards]);
        try
        {
            _commits.Commit(partitions);
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
        }
    }

    private void Remove(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_owned.Remove(partition) is not { } progress)
                continue;
            LogEvents.Removed(_environment.Logger, _destination.Id, partition, progress.Span);
            _queue.Drop(progress);
            _composer.Drop(progress);
            _starts.Drop(progress);
            progress.GiveBack();
            _writers.Close(partition);
        }
    }

    /// <summary>Takes nothing in and starts nothing, until every request has its response or the deadline has come.</summary>
    private void FinishInFlight()
    {
        var deadline = Now() + (long)_environment.Options.DrainDeadline.TotalMilliseconds;
        while (_queue.RequestsInFlight > 0 && Now() < deadline)
        {
            _requests.Wait(ResponseWait);
            _lastTurn = Now();
            TakeResponses();
        }

        if (_queue.RequestsInFlight > 0)
            LogEvents.DrainedIncompletely(_environment.Logger, _destination.Id, _queue.RequestsInFlight);
    }

    private void CountRetries(DeliveryRequest request, DeliveryResponse response)
    {
        if (response.Entries is not { } entries)
        {
            _status.Retried(response.Code, request.Records.Count);
            return;
        }

        foreach (var entry in entries)
        {
            if (entry.Code is { } code)
                _status.Retried(code, 1);
        }
    }

    private void Report()
    {
        if (_queue.ParkedReason is { } reason)
        {
            if (_status.Park(reason))
                LogEvents.Parked(_environment.Logger, _destination.Id, reason);
        }
        else if (_starts.Standing is { } starting)
        {
            _status.Starts(starting.State, starting.Added, starting.Progress);
        }
        else if (IsJoined && _status.Live())
        {
            LogEvents.Accepts(_environment.Logger, _destination.Id);
        }

        var oldest = _owned.All.Select(progress => progress.OldestTakenAt).Min();
        _status.Count(_counts.With(_owned.All.Sum(progress => progress.InFlight)), oldest is { } takenAt ? _environment.Time.GetUtcNow().AddMilliseconds(takenAt - Now()) : null);
    }
}
