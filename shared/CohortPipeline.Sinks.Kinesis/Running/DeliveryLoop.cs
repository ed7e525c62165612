using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// What the delivering thread does, a turn at a time: polls, composes, starts requests, takes their responses, commits.
/// Everything that decides is in <see cref="DeliveryQueue"/>, <see cref="PartitionProgress"/> and the composer; this is their shell.
/// </summary>
internal sealed class DeliveryLoop : IAssignmentHandler, IDisposable
{
    private const int PollRecordsMax = 1_000;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Between looks at responses while requests are under way.</summary>
    private static readonly TimeSpan ResponseWait = TimeSpan.FromMilliseconds(5);

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
    private readonly DeliveryRoom _room;
    private readonly Commits _commits;
    private readonly IDeliverySource _source;
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
        _room = new(environment.Options, _queue, _composer, _counts);
        _source = destination.Cadence == Cadence.RealTime
            ? new DeltaSource(environment, destination, _reader, _owned, _composer, _room, _counts)
            : new PeriodicSource(environment, destination, _reader, (DeltaComposer)_composer, _room, _counts);
    }

    /// <summary>It has joined its group, and the log answers.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Some of its partitions are not at their deltas alone yet.</summary>
    public bool IsStarting => _source.Standing is not null;

    /// <summary>What is held in memory for the destination.</summary>
    public long HeldBytes => _room.HeldBytes;

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
        TurnSource(now);
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

    public void Assigned(IReadOnlyList<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return;
        foreach (var progress in _source.Begin(_reader.Committed(partitions)))
        {
            _owned.Add(progress);
            LogEvents.Assigned(_environment.Logger, _destination.Id, progress.Partition, progress.Position);
        }
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
        _source.Dispose();
        _writers.Dispose();
        _composer.Dispose();
        _reader.Dispose();
    }

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

    private void Poll(long now)
    {
        try
        {
            var batch = _reader.Poll(PollRecordsMax, WaitFor(now));
            IsJoined = true;

            _source.Take(batch, Now());
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
            _requests.Wait(IdleWait);
        }
    }

    private void TurnSource(long now)
    {
        try
        {
            _source.Turn(now);
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
        if (_source.IsReading)
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
            _source.Drop(progress);
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
        else if (_source.Standing is { } starting)
        {
            _status.Starts(starting.State, starting.Added, starting.Progress);
        }
        else if (IsJoined)
        {
            var isNew = _status.State != SinkState.Live;
            _status.Live(_source.Awaits);
            if (isNew)
                LogEvents.IsLive(_environment.Logger, _destination.Id);
        }

        var oldest = _owned.All.Select(progress => progress.OldestTakenAt).Min();
        _status.Count(_counts.With(_owned.All.Sum(progress => progress.InFlight)), oldest is { } takenAt ? _environment.Time.GetUtcNow().AddMilliseconds(takenAt - Now()) : null);
    }
}
