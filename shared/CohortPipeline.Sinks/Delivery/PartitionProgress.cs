using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// How far one partition is delivered. Records are taken in order and settled in any; the position to commit lies behind the
/// last one before which everything is settled, and what the destination has beyond it goes with the position, so that a new
/// owner does not send it again. Dead letters are kept until the position passes them, so that they are written once, in one
/// transaction with it.
/// </summary>
public sealed class PartitionProgress
{
    private readonly DeliveryCounts _counts;
    private readonly byte[] _bits = new byte[AcceptedAhead.SpanMax / 8];
    private readonly AcceptedAhead _before;
    private Entry[] _entries = new Entry[64];
    private long _first;
    private long _next;
    private long _oldestOpen;
    private long _settled;
    private long _settledAtCommit;

    /// <param name="partition">The partition.</param>
    /// <param name="before">Where reading begins, and what a former owner delivered beyond it.</param>
    /// <param name="committed">What the group has committed; <see cref="CommittedPosition.None"/> for nothing yet.</param>
    /// <param name="counts">The destination's.</param>
    public PartitionProgress(TopicPartition partition, AcceptedAhead before, long committed, DeliveryCounts counts)
    {
        Partition = partition;
        Position = before.Position;
        Committed = committed;
        _before = before;
        _counts = counts;
    }

    public TopicPartition Partition { get; }

    /// <summary>The next offset to read.</summary>
    public long Position { get; private set; }

    /// <summary>What is committed.</summary>
    public long Committed { get; private set; }

    /// <summary>Records from the oldest that is not committed up to the newest that was taken.</summary>
    public int Span => (int)(_next - _first);

    /// <summary>When the oldest record was taken that is not committed yet; null if there is none.</summary>
    public long? OldestTakenAt => _first == _next ? null : At(_first).TakenAt;

    /// <summary>Whether delivery of <paramref name="offset"/> would run less than <paramref name="span"/> offsets ahead of the oldest one that is not settled.</summary>
    public bool IsWithin(long offset, int span)
    {
        for (_oldestOpen = Math.Max(_oldestOpen, _first); _oldestOpen < _next && At(_oldestOpen).Standing != Standing.Open;)
            _oldestOpen++;
        return _oldestOpen == _next || offset - At(_oldestOpen).Offset < span;
    }

    /// <summary>Takes the record at <paramref name="offset"/>; answers the number to settle it by.</summary>
    public long Take(long offset, long now)
    {
        _counts.Received();
        return Enter(offset, now, Standing.Open);
    }

    /// <summary>Passes the record at <paramref name="offset"/> where a former owner delivered it already; false where it did not.</summary>
    public bool TryPass(long offset, long now)
    {
        if (!_before.Has(offset))
            return false;
        Enter(offset, now, Standing.Delivered);
        return true;
    }

    /// <summary>Everything before <paramref name="position"/> was read, also what is no record (markers of transactions).</summary>
    public void Reach(long position) => Position = Math.Max(Position, position);

    public void Accept(long sequence)
    {
        _counts.Accepted();
        Settle(sequence, Standing.Delivered, null);
    }

    public void Filter(long sequence)
    {
        _counts.Filtered();
        Settle(sequence, Standing.Passed, null);
    }

    /// <summary>The record can never be accepted.</summary>
    public void GiveUp(long sequence, PendingDeadLetter letter)
    {
        _counts.GaveUp(letter);
        Settle(sequence, Standing.Passed, letter);
    }

    /// <summary>What can be committed now, with the dead letters that belong to it; null if nothing is new.</summary>
    public PartitionDelivery? Deliverable()
    {
        var letters = new List<PendingDeadLetter>();
        var sequence = _first;
        while (sequence < _next && At(sequence).Standing != Standing.Open)
        {
            if (At(sequence).Letter is { } letter)
                letters.Add(letter);
            sequence++;
        }

        var position = sequence < _next ? At(sequence).Offset : Position;
        return position == Committed && _settled == _settledAtCommit ? null : new(this, position, AheadOf(position, sequence), letters, sequence, _settled);
    }

    /// <summary>What <see cref="Deliverable"/> answered is committed.</summary>
    public void Commit(PartitionDelivery delivery)
    {
        Committed = delivery.Position;
        _settledAtCommit = delivery.Settled;
        foreach (var letter in delivery.DeadLetters)
            _counts.DeadLettered(letter);
        for (; _first < delivery.NextSequence; _first++)
            At(_first) = default;
    }

    /// <summary>The partition goes: what is not settled and committed is somebody else's.</summary>
    public void GiveBack()
    {
        for (; _first < _next; _first++)
        {
            if (At(_first).Standing == Standing.Open || At(_first).Letter is not null)
                _counts.GivenBack(At(_first).Letter);
        }
    }

    /// <summary>What the destination has beyond a position, of what was read since the partition came and of what was not read again yet.</summary>
    private AcceptedAhead AheadOf(long position, long sequence)
    {
        var bits = _bits.AsSpan();
        bits.Clear();
        for (; sequence < _next; sequence++)
        {
            if (At(sequence).Standing == Standing.Delivered)
                Set(At(sequence).Offset);
        }

        for (var offset = Position; offset < _before.End; offset++)
        {
            if (_before.Has(offset))
                Set(offset);
        }

        return AcceptedAhead.Of(position, bits);

        void Set(long offset)
        {
            var bit = offset - position;
            if (bit < AcceptedAhead.SpanMax)
                _bits[bit / 8] |= (byte)(1 << (int)(bit % 8));
        }
    }

    private long Enter(long offset, long now, Standing standing)
    {
        if (offset < Position)
            throw new InvalidOperationException($"{Partition}: offset {offset} came after position {Position}");
        if (Span == _entries.Length)
            Grow();
        Position = offset + 1;
        _entries[_next % _entries.Length] = new() { Offset = offset, TakenAt = now, Standing = standing };
        return _next++;
    }

    private void Settle(long sequence, Standing standing, PendingDeadLetter? letter)
    {
        if (sequence < _first || sequence >= _next || At(sequence).Standing != Standing.Open)
            throw new InvalidOperationException($"{Partition}: record {sequence} is settled already");
        _settled++;
        At(sequence).Standing = standing;
        At(sequence).Letter = letter;
    }

    private ref Entry At(long sequence) => ref _entries[sequence % _entries.Length];

    private void Grow()
    {
        var larger = new Entry[_entries.Length * 2];
        for (var sequence = _first; sequence < _next; sequence++)
            larger[sequence % larger.Length] = At(sequence);
        _entries = larger;
    }

    private enum Standing : byte
    {
        Open,

        /// <summary>The destination has it.</summary>
        Delivered,

        /// <summary>It is not for the destination, or can never be.</summary>
        Passed,
    }

    private struct Entry
    {
        public long Offset;
        public long TakenAt;
        public Standing Standing;
        public PendingDeadLetter? Letter;
    }
}

/// <summary>A position that can be committed, what is delivered beyond it, and the dead letters that lie before it.</summary>
public sealed record PartitionDelivery(PartitionProgress Progress, long Position, AcceptedAhead Ahead, IReadOnlyList<PendingDeadLetter> DeadLetters, long NextSequence, long Settled);
