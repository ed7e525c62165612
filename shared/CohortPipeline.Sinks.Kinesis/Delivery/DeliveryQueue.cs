namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// What is on its way to one stream. A pure state machine: records and responses go in, requests come out, time is an
/// argument (milliseconds of any clock that does not go back).
/// </summary>
/// <remarks>
/// Order: every order key has a line, and a record stands in the lines of all its keys, in the order in which records came.
/// Only a record that is first in all its lines is sent, and it stays there until it is accepted. So there is never more
/// than one unaccepted record of a key under way, whatever is rejected, throttled or timed out, and a request never holds
/// two of one key. Isolation: what may be sent waits at its shard, which is paced for itself.
/// </remarks>
public sealed class DeliveryQueue(DeliveryLimits limits, ulong jitterSeed)
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    private readonly CallGate _gate = new(jitterSeed);
    private readonly KeyLines _lines = new();
    private readonly ShardMap _shards = new(id => new(id, limits.ShardRecordsPerSecond, limits.ShardBytesPerSecond, jitterSeed));
    private readonly PriorityQueue<OutboundRecord, long> _delayed = new();
    private readonly Queue<OutboundRecord> _leaving = new();
    private readonly Stack<OutboundRecord> _pool = new();
    private readonly Stack<DeliveryRequest> _requests = new();
    private readonly HashSet<Shard> _answered = [];
    private long _recordNumber;
    private long _requestNumber;
    private int _turn;

    public int HeldRecords { get; private set; }

    public long HeldBytes { get; private set; }

    public int RequestsInFlight { get; private set; }

    /// <summary>Why the destination is parked; null if it is not.</summary>
    public string? ParkedReason => _gate.ParkedReason;

    /// <summary>Ids of the shards that are slowed down.</summary>
    public IEnumerable<string> ThrottledShards => _shards.Shards.Where(shard => shard.IsThrottled).Select(shard => shard.Id);

    /// <summary>A record to fill, and to <see cref="Add"/>.</summary>
    public OutboundRecord Rent() => _pool.TryPop(out var record) ? record : new();

    public void Add(OutboundRecord record)
    {
        record.Number = ++_recordNumber;
        record.HashKey();
        HeldRecords++;
        HeldBytes += record.HeldBytes;
        foreach (var key in record.OrderKeys)
        {
            if (!_lines.Append(key, record))
                record.WaitsFor++;
        }

        if (record.WaitsFor == 0)
            MakeReady(record);
    }

    /// <summary>The next request to send, or null if there is none for now.</summary>
    public DeliveryRequest? TryStart(long now)
    {
        while (_delayed.TryPeek(out _, out var due) && due <= now)
            MakeReady(_delayed.Dequeue());
        if (now < _gate.ClosedUntil || RequestsInFlight >= _gate.CallsMax(limits.RequestsInFlightMax))
            return null;

        if (!_requests.TryPop(out var request))
            request = new();
        request.Start(_requestNumber + 1, now);
        Fill(request, now);
        if (request.Records.Count == 0)
        {
            _requests.Push(request);
            return null;
        }

        _requestNumber++;
        RequestsInFlight++;
        return request;
    }

    /// <summary>The response of a request that <see cref="TryStart"/> gave out. Accepted records are acknowledged in their partition's progress.</summary>
    public void Complete(DeliveryRequest request, DeliveryResponse response, long now)
    {
        RequestsInFlight--;
        if (response.Entries is { } entries)
            CompleteEach(request, entries, now);
        else
            CompleteFailed(request, response, now);
        LeaveAll();
        _requests.Push(request);
    }

    /// <summary>When something that waits for its time can go, or null if nothing does.</summary>
    public long? NextDue
    {
        get
        {
            var due = _delayed.TryPeek(out _, out var delayed) ? delayed : long.MaxValue;
            foreach (var shard in _shards.Shards)
            {
                if (shard.HasWork)
                    due = Math.Min(due, shard.DueAt);
            }

            return due == long.MaxValue ? null : Math.Max(due, _gate.ClosedUntil);
        }
    }

    /// <summary>
    /// Forgets the records of a partition that has gone to another owner. What is in flight keeps its place in the lines until
    /// its response, so that nothing of its key overtakes it.
    /// </summary>
    public void Drop(PartitionProgress progress)
    {
        foreach (var record in _lines.Records)
        {
            if (record.Progress != progress || record.IsDropped)
                continue;
            record.IsDropped = true;
            Release(record);
        }

        foreach (var shard in _shards.Shards.ToArray())
            Redistribute(shard);
        var delayed = _delayed.UnorderedItems.ToArray();
        _delayed.Clear();
        foreach (var (record, due) in delayed)
        {
            if (record.IsDropped)
                _leaving.Enqueue(record);
            else
                _delayed.Enqueue(record, due);
        }

        LeaveAll();
    }

    private void Fill(DeliveryRequest request, long now)
    {
        var shards = _shards.Shards;
        _turn = (_turn + 1) % shards.Count;
        for (var i = 0; i < shards.Count; i++)
        {
            var shard = shards[(_turn + i) % shards.Count];
            while (shard.TryPeek(now, out var record))
            {
                if (request.Records.Count == limits.RequestRecordsMax || (request.Records.Count > 0 && request.Bytes + record.Size > limits.RequestBytesMax))
                    return;
                shard.Take(record, now);
                record.IsInFlight = true;
                record.Attempts++;
                request.Add(record);
            }
        }
    }

    private void CompleteEach(DeliveryRequest request, IReadOnlyList<EntryResult> entries, long now)
    {
        if (entries.Count != request.Records.Count)
            throw new InvalidOperationException($"a request of {request.Records.Count} records was answered for {entries.Count}");
        _gate.Answered();
        for (var i = 0; i < entries.Count; i++)
        {
            var record = request.Records[i];
            record.IsInFlight = false;
            if (entries[i].Code is { } code)
                Rejected(record, code, entries[i].ShardId, now);
            else
                Accepted(record, entries[i].ShardId);
        }

        foreach (var shard in _answered)
        {
            shard.Answered(shard.InHand.Accepted, shard.InHand.Throttled, request.StartedAt, now);
            shard.InHand = default;
        }

        _answered.Clear();
    }

    private void Count(OutboundRecord record, int accepted, int throttled)
    {
        var shard = _shards.Of(record.KeyHash);
        shard.InHand = (shard.InHand.Accepted + accepted, shard.InHand.Throttled + throttled);
        _answered.Add(shard);
    }

    private void Accepted(OutboundRecord record, string? shardId)
    {
        Learn(record, shardId);
        Count(record, accepted: 1, throttled: 0);
        if (!record.IsDropped)
        {
            for (var place = 0; place < record.Sequences.Count; place++)
                record.Progress.Accept(record.Sequences[place]);
            Release(record);
        }

        _leaving.Enqueue(record);
    }

    private void Learn(OutboundRecord record, string? shardId)
    {
        if (shardId is null)
            return;
        foreach (var disturbed in _shards.Learn(record.KeyHash, shardId))
            Redistribute(disturbed);
    }

    /// <summary>It goes again, before anything later of its keys: at its shard's new pace, or after a wait of its own.</summary>
    private void Rejected(OutboundRecord record, string code, string? shardId, long now)
    {
        var isThrottled = code == Throttled;
        if (isThrottled)
        {
            Learn(record, shardId);
            Count(record, accepted: 0, throttled: 1);
        }

        if (record.IsDropped)
            _leaving.Enqueue(record);
        else if (isThrottled)
            MakeReady(record);
        else
            _delayed.Enqueue(record, now + RetryPlan.OfRecords.Delay(jitterSeed, record.Number, record.Attempts));
    }

    private void CompleteFailed(DeliveryRequest request, DeliveryResponse response, long now)
    {
        var reason = response.Detail.Length > 0 ? $"{response.Code}: {response.Detail}" : response.Code;
        _gate.Failed(request.StartedAt, request.Number, response.Kind, reason, now);
        foreach (var record in request.Records)
        {
            record.IsInFlight = false;
            if (record.IsDropped)
                _leaving.Enqueue(record);
            else
                MakeReady(record);
        }
    }

    private void MakeReady(OutboundRecord record) => _shards.Of(record.KeyHash).Add(record);

    /// <summary>What waits at a shard goes where it belongs by now.</summary>
    private void Redistribute(Shard shard)
    {
        foreach (var record in shard.TakeAll().ToArray())
        {
            if (record.IsDropped)
                _leaving.Enqueue(record);
            else
                MakeReady(record);
        }
    }

    /// <summary>It takes no part in the memory held any more.</summary>
    private void Release(OutboundRecord record)
    {
        HeldRecords--;
        HeldBytes -= record.HeldBytes;
    }

    /// <summary>Takes records out of their lines; whoever is first in all of theirs now can go.</summary>
    private void LeaveAll()
    {
        while (_leaving.TryDequeue(out var record))
        {
            foreach (var key in record.OrderKeys)
            {
                if (_lines.RemoveFirst(key) is not { } next || --next.WaitsFor > 0)
                    continue;
                if (next.IsDropped)
                    _leaving.Enqueue(next);
                else
                    MakeReady(next);
            }

            record.Clear();
            _pool.Push(record);
        }
    }
}
