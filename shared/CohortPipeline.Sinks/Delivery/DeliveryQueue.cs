namespace CohortPipeline.Sinks;

/// <summary>
/// What is on its way to one destination. A pure state machine: records and responses go in, requests come out, time is an
/// argument (milliseconds of any clock that does not go back).
/// </summary>
/// <remarks>
/// Order: every order key has a line, and a record stands in the lines of all its keys, in the order in which records came.
/// Only a record that is first in all its lines is sent, and it stays there until it is accepted. So there is never more
/// than one unaccepted record of a key under way, whatever is rejected, throttled or timed out, and a request never holds
/// two of one key.
/// </remarks>
public sealed class DeliveryQueue(DeliveryLimits limits, ulong jitterSeed)
{
    /// <summary>A destination that has not answered for this many calls in a row is shown as parked, whatever the reason.</summary>
    private const int FailedCallsToPark = 5;

    private readonly Dictionary<ulong, KeyLine> _lines = [];
    private readonly Queue<OutboundRecord> _ready = new();
    private readonly PriorityQueue<OutboundRecord, long> _rejected = new();
    private long _recordNumber;
    private long _requestNumber;

    // Of whole calls that failed: nothing starts before this instant, and then one request at a time until one gets through.
    private long _closedUntil;
    private long _closedAt = long.MinValue;
    private int _failedCalls;

    public int HeldRecords { get; private set; }

    public long HeldBytes { get; private set; }

    public int RequestsInFlight { get; private set; }

    /// <summary>Why the destination is parked; null if it is not.</summary>
    public string? ParkedReason { get; private set; }

    public void Add(OutboundRecord record)
    {
        record.Number = ++_recordNumber;
        HeldRecords++;
        HeldBytes += record.HeldBytes;
        foreach (var key in record.OrderKeys)
        {
            if (_lines.TryGetValue(key, out var line))
            {
                record.WaitsFor++;
                line.Append(record);
            }
            else
            {
                _lines.Add(key, new(record));
            }
        }

        if (record.WaitsFor == 0)
            _ready.Enqueue(record);
    }

    /// <summary>The next request to send, or null if there is none for now.</summary>
    public DeliveryRequest? TryStart(long now)
    {
        while (_rejected.TryPeek(out _, out var due) && due <= now)
            _ready.Enqueue(_rejected.Dequeue());
        var inFlightMax = _failedCalls > 0 ? 1 : limits.RequestsInFlightMax;
        if (now < _closedUntil || RequestsInFlight >= inFlightMax)
            return null;

        var records = new List<OutboundRecord>();
        var bytes = 0L;
        while (records.Count < limits.RequestRecordsMax && _ready.TryPeek(out var next))
        {
            if (!next.IsDropped)
            {
                if (records.Count > 0 && bytes + next.Size > limits.RequestBytesMax)
                    break;
                bytes += next.Size;
                next.IsInFlight = true;
                next.Attempts++;
                records.Add(next);
            }

            _ready.Dequeue();
        }

        if (records.Count == 0)
            return null;
        RequestsInFlight++;
        return new(++_requestNumber, records, now);
    }

    /// <summary>The response of a request that <see cref="TryStart"/> gave out. Accepted records are acknowledged in their partition's progress.</summary>
    public void Complete(DeliveryRequest request, DeliveryResponse response, long now)
    {
        RequestsInFlight--;
        if (response.Codes is { } codes)
            CompleteEach(request, codes, now);
        else
            CompleteFailed(request, response, now);
    }

    /// <summary>When something that waits for its time can go, or null if nothing does.</summary>
    public long? NextDue
    {
        get
        {
            if (_ready.Count > 0)
                return _closedUntil;
            return _rejected.TryPeek(out _, out var due) ? Math.Max(due, _closedUntil) : null;
        }
    }

    /// <summary>
    /// Forgets the records of a partition that has gone to another owner. What is in flight keeps its place in the lines until
    /// its response, so that nothing of its key overtakes it.
    /// </summary>
    public void Drop(PartitionProgress progress)
    {
        var waiting = _lines.Values.SelectMany(line => line.Records).Where(record => record.Progress == progress && !record.IsDropped).ToHashSet();
        foreach (var record in waiting)
        {
            record.IsDropped = true;
            if (!record.IsInFlight)
                Leave(record);
        }
    }

    private void CompleteEach(DeliveryRequest request, IReadOnlyList<string?> codes, long now)
    {
        if (codes.Count != request.Records.Count)
            throw new InvalidOperationException($"a request of {request.Records.Count} records was answered for {codes.Count}");
        _failedCalls = 0;
        _closedUntil = 0;
        ParkedReason = null;
        for (var i = 0; i < codes.Count; i++)
        {
            var record = request.Records[i];
            record.IsInFlight = false;
            if (codes[i] is null && !record.IsDropped)
            {
                foreach (var sequence in record.Sequences)
                    record.Progress.Accept(sequence);
            }

            if (codes[i] is null || record.IsDropped)
                Leave(record);
            else
                _rejected.Enqueue(record, now + RetryPlan.OfRecords.Delay(jitterSeed, record.Number, record.Attempts));
        }
    }

    private void CompleteFailed(DeliveryRequest request, DeliveryResponse response, long now)
    {
        // Several requests that were under way together are one failure of the destination.
        if (request.StartedAt >= _closedAt)
        {
            _failedCalls++;
            _closedAt = now;
            _closedUntil = now + RetryPlan.OfCalls.Delay(jitterSeed, request.Number, _failedCalls);
        }

        if (response.Kind == FailureKind.Refused || _failedCalls >= FailedCallsToPark)
            ParkedReason = response.Detail.Length > 0 ? $"{response.Code}: {response.Detail}" : response.Code;
        foreach (var record in request.Records)
        {
            record.IsInFlight = false;
            if (record.IsDropped)
                Leave(record);
            else
                _ready.Enqueue(record);
        }
    }

    /// <summary>Takes a record out of its lines; whoever is first in all of theirs now can go.</summary>
    private void Leave(OutboundRecord record)
    {
        HeldRecords--;
        HeldBytes -= record.HeldBytes;
        foreach (var key in record.OrderKeys)
        {
            var line = _lines[key];
            if (line.First != record)
            {
                line.Remove(record);
                continue;
            }

            if (line.RemoveFirst() is not { } next)
                _lines.Remove(key);
            else if (--next.WaitsFor == 0)
                _ready.Enqueue(next);
        }
    }

    /// <summary>The records of one key, in order. Most have one and need no list.</summary>
    private sealed class KeyLine(OutboundRecord first)
    {
        private LinkedList<OutboundRecord>? _behind;

        public OutboundRecord First { get; private set; } = first;

        public IEnumerable<OutboundRecord> Records => _behind is null ? [First] : _behind.Prepend(First);

        public void Append(OutboundRecord record) => (_behind ??= new()).AddLast(record);

        public void Remove(OutboundRecord record) => _behind!.Remove(record);

        public OutboundRecord? RemoveFirst()
        {
            if (_behind?.First is not { } next)
                return null;
            _behind.RemoveFirst();
            First = next.Value;
            return First;
        }
    }
}
