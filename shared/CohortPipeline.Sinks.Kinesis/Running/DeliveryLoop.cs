using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// The thread that delivers: polls, composes, starts requests, takes their responses, commits. Everything that decides is in
/// <see cref="DeliveryQueue"/>, <see cref="PartitionProgress"/> and the composer; this is their shell.
/// </summary>
internal sealed class DeliveryLoop : IPositionedHandler, IDisposable
{
    private const int PollRecordsMax = 1_000;
    private const int RequestsInFlightMax = 8;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Between looks at responses while requests are under way.</summary>
    private static readonly TimeSpan ResponseWait = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(100);

    private readonly SinkEnvironment _environment;
    private readonly KinesisDestination _destination;
    private readonly SinkStatus _status;
    private readonly string _group;
    private readonly string _topic;
    private readonly ILogReader _reader;
    private readonly DeliveryQueue _queue;
    private readonly DeliveryCounts _counts = new();
    private readonly RecordComposer _composer;
    private readonly RequestsInFlight _requests;
    private readonly DeadLetterWriters _deadLetters;
    private readonly OwnedPartitions _owned = new();
    private readonly RepeatLimit _logWaits;
    private readonly long _startedAt;
    private long _lastTurn;
    private long _lastCommit;
    private bool _isJoined;

    public DeliveryLoop(SinkEnvironment environment, KinesisDestination destination, SinkStatus status, IRecordSender sender)
    {
        _environment = environment;
        _destination = destination;
        _status = status;
        _logWaits = new(environment.Time);
        _startedAt = environment.Time.GetTimestamp();
        _group = new PipelineGroups(environment.Topics).Sink(destination.Id);
        _topic = Composers.TopicOf(destination, environment.Topics).Name;
        var limits = destination.Limits;
        _queue = new(new(limits.RequestRecordsMax, limits.RequestBytesMax, RequestsInFlightMax), (ulong)Random.Shared.NextInt64());
        _composer = Composers.Create(destination, new(_queue.Add, PartitionKeys.Random, environment.Time.GetUtcNow));
        _requests = new(destination, sender, environment.Time);
        _deadLetters = new(environment.Log, environment.Topics, _group);
        _reader = environment.Log.OpenReader(new(_group));
    }

    private long HeldBytes => _queue.HeldBytes + _composer.HeldBytes + _counts.PendingDeadLetterBytes;

    /// <summary>Delivers until <paramref name="stop"/>, then drains.</summary>
    public void Run(CancellationToken stop)
    {
        _reader.Subscribe([_topic], this);
        _lastTurn = Now();
        while (!stop.IsCancellationRequested)
        {
            var now = Turn();
            _composer.Tick(now);
            while (_queue.TryStart(now) is { } request)
                _requests.Start(request);
            if (now - _lastCommit >= CommitInterval.TotalMilliseconds)
                Commit(_owned.All);
            _owned.Resume(_reader, CanResume);
            Poll(now, stop);
            Report();
        }

        Drain();
    }

    public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        // All questions first: where one has no answer, nothing is taken over.
        long[] positions = [.. partitions.Select(committed => committed.Exists ? committed.Offset : FirstPosition(committed.TopicPartition))];
        foreach (var (committed, position) in partitions.Zip(positions))
        {
            _owned.Add(new(committed.TopicPartition, position, committed.Offset, _counts));
            LogEvents.Assigned(_environment.Logger, _destination.Id, committed.TopicPartition, position);
        }

        return positions;
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
        _deadLetters.Dispose();
        _composer.Dispose();
        _reader.Dispose();
    }

    private long Now() => (long)_environment.Time.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>
    /// Begins a turn. After a standstill somebody else may own the partitions and have sent what is held here: it is dropped,
    /// and the destination starts again from its offsets.
    /// </summary>
    private long Turn()
    {
        var now = Now();
        if (now - _lastTurn > _environment.Options.StallMax.TotalMilliseconds)
            throw new FencedException($"the sink stood still for {(now - _lastTurn) / 1000.0:0.0} s, longer than Sink:StallMax");
        _lastTurn = now;
        while (_requests.TryTake(out var request, out var response))
            _queue.Complete(request, response, now);
        return now;
    }

    private long FirstPosition(TopicPartition partition) =>
        _destination.Start == StartAt.Now ? _reader.EndOffset(partition, Isolation.Committed) : _reader.FirstOffset(partition);

    private void Poll(long now, CancellationToken stop)
    {
        try
        {
            var batch = _reader.Poll(PollRecordsMax, WaitFor(now));
            if (!_isJoined)
            {
                _isJoined = true;
                _status.Live();
            }

            Take(batch);
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
            stop.WaitHandle.WaitOne(IdleWait);
        }
    }

    private void TellLogWait(LogUnavailableException failure)
    {
        if (_logWaits.MayTell(out var times))
            LogEvents.LogUnavailable(_environment.Logger, _destination.Id, failure.Message, times);
        if (_status.Report.State == SinkState.Parked)
            return;
        _isJoined = false;
        _status.Starting($"the log does not answer: {failure.Message}");
    }

    private TimeSpan WaitFor(long now)
    {
        var wait = _queue.RequestsInFlight > 0 ? ResponseWait : IdleWait;
        foreach (var due in new[] { _queue.NextDue, _composer.NextDue })
        {
            if (due is { } instant && _queue.RequestsInFlight == 0 && instant - now < wait.TotalMilliseconds)
                wait = TimeSpan.FromMilliseconds(Math.Max(0, instant - now));
        }

        return wait;
    }

    private void Take(RecordBatch batch)
    {
        var now = Now();
        var rest = new Dictionary<TopicPartition, long>();
        for (var i = 0; i < batch.Records.Length; i++)
        {
            ref readonly var record = ref batch.Records[i];
            var partition = new TopicPartition(record.Topic, record.Partition);
            if (_owned.Find(partition) is not { } progress || rest.ContainsKey(partition))
                continue;
            if (Admits(progress, record.Value.Length))
                _composer.Take(batch, i, progress, now);
            else
                rest.Add(partition, record.Offset);
        }

        var gone = new List<PartitionPosition>();
        foreach (var signal in batch.Signals)
        {
            var partition = new TopicPartition(signal.Topic, signal.Partition);
            if (_owned.Find(partition) is not { } progress || rest.ContainsKey(partition))
                continue;
            if (signal.Kind == PartitionSignalKind.EndOfPartition)
                progress.Reach(signal.Offset);
            else
                gone.Add(GoOnAtFirst(progress));
        }

        ReadAgain(rest, gone);
    }

    /// <summary>Room for one more record, within the byte budget and not too far ahead of the oldest unaccepted one.</summary>
    private bool Admits(PartitionProgress progress, int valueBytes)
    {
        var held = HeldBytes;
        return progress.Span < _environment.Options.SpanMax && (held == 0 || held + (2L * valueBytes) < _environment.Options.BudgetBytes);
    }

    private bool CanResume(PartitionProgress progress) =>
        progress.Span <= _environment.Options.SpanMax / 2 && HeldBytes < _environment.Options.BudgetBytes / 2;

    private PartitionPosition GoOnAtFirst(PartitionProgress progress)
    {
        var first = _reader.FirstOffset(progress.Partition);
        LogEvents.OffsetGone(_environment.Logger, _destination.Id, progress.Partition, progress.Position, first);
        progress.Reach(first);
        return new(progress.Partition.Topic, progress.Partition.Partition, first);
    }

    /// <summary>What had no room is read again later; its partition pauses until then.</summary>
    private void ReadAgain(Dictionary<TopicPartition, long> rest, List<PartitionPosition> gone)
    {
        foreach (var (partition, offset) in rest)
            gone.Add(new(partition.Topic, partition.Partition, offset));
        if (gone.Count > 0)
            _reader.Seek(gone);
        _owned.Pause(_reader, rest.Keys);
    }

    private void Commit(IEnumerable<PartitionProgress> partitions)
    {
        _lastCommit = Now();
        var plain = new List<(PartitionDelivery Delivery, CommittedPosition Position)>();
        foreach (var progress in partitions)
        {
            if (progress.Deliverable() is not { } delivery)
                continue;
            var position = new CommittedPosition(progress.Partition.Topic, progress.Partition.Partition, delivery.Position, "");
            if (delivery.DeadLetters.Count == 0)
                plain.Add((delivery, position));
            else
                CommitWithDeadLetters(delivery, position);
        }

        try
        {
            if (plain.Count > 0 && _reader.Commit(plain.ConvertAll(entry => entry.Position)))
                plain.ForEach(entry => entry.Delivery.Progress.Commit(entry.Delivery));
        }
        catch (LogUnavailableException exception)
        {
            TellLogWait(exception);
        }
    }

    private void CommitWithDeadLetters(PartitionDelivery delivery, CommittedPosition position)
    {
        try
        {
            var outcome = _deadLetters.Commit(_reader, delivery, position);
            if (outcome == CommitOutcome.Fenced)
                throw new FencedException($"{delivery.Progress.Partition} has another owner, who writes its dead letters");
            if (outcome == CommitOutcome.Committed)
                delivery.Progress.Commit(delivery);
            else
                LogEvents.DeadLettersPending(_environment.Logger, _destination.Id, delivery.DeadLetters.Count, delivery.Progress.Partition, outcome);
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
            progress.GiveBack();
            _deadLetters.Close(partition);
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
            Turn();
        }

        if (_queue.RequestsInFlight > 0)
            LogEvents.DrainedIncompletely(_environment.Logger, _destination.Id, _queue.RequestsInFlight);
    }

    private void Drain()
    {
        FinishInFlight();
        Commit(_owned.All);
        _reader.Leave();
        Report();
    }

    private void Report()
    {
        if (_queue.ParkedReason is { } reason)
        {
            if (_status.Park(reason))
                LogEvents.Parked(_environment.Logger, _destination.Id, reason);
        }
        else if (_isJoined && _status.Live())
        {
            LogEvents.Accepts(_environment.Logger, _destination.Id);
        }

        var oldest = _owned.All.Select(progress => progress.OldestTakenAt).Min();
        _status.Count(_counts.Current, oldest is { } takenAt ? _environment.Time.GetUtcNow().AddMilliseconds(takenAt - Now()) : null);
    }
}
