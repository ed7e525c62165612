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
    private readonly List<PendingDeadLetter> _rowLetters = [];
    private Entry[] _entries = new Entry[64];
    private long _first;
    private long _next;
    private long _oldestOpen;
    private long _settled;
    private long _settledAtCommit;
    private long _newestAt;
    private long _startPosition;
    private int _openRows;
    private long _openRowsSince;
    private bool _isAnnounced;

    /// <summary>The number of a row that a start sends, which has no place among the deltas.</summary>
    private const long Row = -1;

    /// <param name="partition">The partition.</param>
    /// <param name="before">Where reading begins, and what a former owner delivered beyond it.</param>
    /// <param name="committed">What the group has committed; <see cref="CommittedPosition.None"/> for nothing yet.</param>
    /// <param name="counts">The destination's.</param>
    /// <param name="deliveredUntil">What was written before this instant is delivered; 0: nobody knows.</param>
    public PartitionProgress(TopicPartition partition, AcceptedAhead before, long committed, DeliveryCounts counts, long deliveredUntil = 0)
    {
        _newestAt = deliveredUntil;
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

    /// <summary>When the oldest record was taken that is not settled yet; null if there is none.</summary>
    public long? OldestTakenAt
    {
        get
        {
            long? oldest = AllSettled() ? null : At(_oldestOpen).TakenAt;
            return _openRows > 0 && !(oldest < _openRowsSince) ? _openRowsSince : oldest;
        }
    }

    /// <summary>What was taken and is neither delivered nor passed: open records and rows, and dead letters that are not written.</summary>
    public long InFlight { get; private set; }

    /// <summary>What is sent before the deltas from <see cref="Position"/> on; null where that is done.</summary>
    public PartitionStart? Start { get; private set; }

    /// <summary>The start stands beside the committed position: it may begin.</summary>
    public bool IsStartAnnounced => Start is not null && _isAnnounced;

    /// <summary>Every row that was taken is settled.</summary>
    public bool AreRowsSettled => _openRows == 0;

    /// <summary>False while a start is still to begin, or to send its rows, before which no delta may go.</summary>
    public bool TakesDeltas { get; private set; } = true;

    /// <summary>It is not at its deltas alone yet.</summary>
    public bool IsStarting => Start is not null || !TakesDeltas;

    /// <summary>Everything before it is settled.</summary>
    public long SettledPosition => AllSettled() ? Position : At(_oldestOpen).Offset;

    /// <summary>What the start has sent.</summary>
    public SentRows Sent { get; private set; } = new();

    /// <summary>The instant (epoch milliseconds) of the oldest record that is not settled, or of the newest one where all are: what changed before it is delivered.</summary>
    public long DeliveredUntil => AllSettled() ? _newestAt : At(_oldestOpen).WrittenAt;

    /// <summary>A start is to come: nothing is taken or committed before it begins.</summary>
    public void Hold() => TakesDeltas = false;

    /// <summary>Begins a start at <paramref name="position"/>.</summary>
    /// <param name="start">What is to be sent.</param>
    /// <param name="position">Where deltas go on behind it.</param>
    /// <param name="isAnnounced">It stands beside the committed position already.</param>
    public void Begin(PartitionStart start, long position, bool isAnnounced)
    {
        Start = start;
        Position = _startPosition = position;
        Sent = new();
        TakesDeltas = false;
        _isAnnounced = isAnnounced;
    }

    /// <summary>The start has sent its rows: deltas follow, but for those that a row has overtaken.</summary>
    public void FollowRows() => TakesDeltas = true;

    /// <summary>No delta to come is older than a row that was sent: the start is done, and will not be done again.</summary>
    public void EndStart()
    {
        Start = null;
        Sent = new();
        _settled++;
    }

    /// <summary>Whether it is a row's number, as <see cref="TakeRow"/> gave it.</summary>
    public static bool IsRow(long sequence) => sequence == Row;

    /// <summary>Takes a row of a start; answers the number to settle it by.</summary>
    /// <param name="now">Milliseconds of the caller's clock.</param>
    public long TakeRow(long now)
    {
        _counts.Received();
        InFlight++;
        if (_openRows++ == 0)
            _openRowsSince = now;
        return Row;
    }

    /// <summary>Whether delivery of <paramref name="offset"/> would run less than <paramref name="span"/> offsets ahead of the oldest one that is not settled.</summary>
    public bool IsWithin(long offset, int span) => AllSettled() || offset - At(_oldestOpen).Offset < span;

    /// <summary>Takes the record at <paramref name="offset"/>; answers the number to settle it by.</summary>
    /// <param name="offset">Its place.</param>
    /// <param name="writtenAt">When it was written, epoch milliseconds.</param>
    /// <param name="now">Milliseconds of the caller's clock.</param>
    public long Take(long offset, long writtenAt, long now)
    {
        _counts.Received();
        InFlight++;
        _newestAt = Math.Max(_newestAt, writtenAt);
        return Enter(offset, writtenAt, now, Standing.Open);
    }

    /// <summary>Passes the record at <paramref name="offset"/> where a former owner delivered it already; false where it did not.</summary>
    public bool TryPass(long offset, long now)
    {
        if (!_before.Has(offset))
            return false;
        Enter(offset, writtenAt: 0, now, Standing.Delivered);
        return true;
    }

    /// <summary>Everything before <paramref name="position"/> was read, also what is no record (markers of transactions).</summary>
    public void Reach(long position) => Position = Math.Max(Position, position);

    public void Accept(long sequence)
    {
        _counts.Accepted();
        InFlight--;
        Settle(sequence, Standing.Delivered, null);
    }

    public void Filter(long sequence)
    {
        _counts.Filtered();
        InFlight--;
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
        if (Start is not null)
            return DeliverableOf(Start);
        if (!TakesDeltas)
            return null;
        List<PendingDeadLetter> letters = [.. _rowLetters];
        var sequence = _first;
        while (sequence < _next && At(sequence).Standing != Standing.Open)
        {
            if (At(sequence).Letter is { } letter)
                letters.Add(letter);
            sequence++;
        }

        var position = sequence < _next ? At(sequence).Offset : Position;
        return position == Committed && _settled == _settledAtCommit ? null : new(this, position, AheadOf(position, sequence), letters, sequence, _settled) { RowLetters = _rowLetters.Count };
    }

    /// <summary>
    /// While a start is under way the position stays, so that it can be done again. Its dead letters do not wait for the end,
    /// which could then never come: they are written as they are, and written again where the start is done again.
    /// </summary>
    private PartitionDelivery? DeliverableOf(PartitionStart start)
    {
        List<PendingDeadLetter> letters = [.. _rowLetters];
        for (var sequence = _first; sequence < _next; sequence++)
        {
            if (At(sequence).Letter is { } letter)
                letters.Add(letter);
        }

        return _isAnnounced && letters.Count == 0
            ? null
            : new(this, _startPosition, AcceptedAhead.None(_startPosition), letters, _next, _settledAtCommit)
            {
                Start = start with { DeadLetters = start.DeadLetters + letters.Count },
                RowLetters = _rowLetters.Count,
            };
    }

    /// <summary>What <see cref="Deliverable"/> answered is committed.</summary>
    public void Commit(PartitionDelivery delivery)
    {
        Committed = delivery.Position;
        _settledAtCommit = delivery.Settled;
        foreach (var letter in delivery.DeadLetters)
            _counts.DeadLettered(letter);
        InFlight -= delivery.DeadLetters.Count;
        _rowLetters.RemoveRange(0, delivery.RowLetters);
        if (delivery.Start is not null)
        {
            _isAnnounced = true;
            Start = delivery.Start;
            for (var sequence = _first; sequence < delivery.NextSequence; sequence++)
                At(sequence).Letter = null;
            return;
        }

        for (; _first < delivery.NextSequence; _first++)
            At(_first) = default;
    }

    /// <summary>The partition goes: what is not settled and committed is somebody else's.</summary>
    public void GiveBack()
    {
        for (; _openRows > 0; _openRows--)
            _counts.GivenBack(null);
        _rowLetters.ForEach(_counts.GivenBack);
        _rowLetters.Clear();
        for (; _first < _next; _first++)
        {
            if (At(_first).Standing == Standing.Open || At(_first).Letter is not null)
                _counts.GivenBack(At(_first).Letter);
        }

        InFlight = 0;
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

    private long Enter(long offset, long writtenAt, long now, Standing standing)
    {
        if (offset < Position)
            throw new InvalidOperationException($"{Partition}: offset {offset} came after position {Position}");
        if (Span == _entries.Length)
            Grow();
        Position = offset + 1;
        _entries[_next % _entries.Length] = new() { Offset = offset, WrittenAt = writtenAt, TakenAt = now, Standing = standing };
        return _next++;
    }

    private void Settle(long sequence, Standing standing, PendingDeadLetter? letter)
    {
        if (sequence == Row)
        {
            SettleRow(letter);
            return;
        }

        if (sequence < _first || sequence >= _next || At(sequence).Standing != Standing.Open)
            throw new InvalidOperationException($"{Partition}: record {sequence} is settled already");
        _settled++;
        At(sequence).Standing = standing;
        At(sequence).Letter = letter;
    }

    private bool AllSettled()
    {
        for (_oldestOpen = Math.Max(_oldestOpen, _first); _oldestOpen < _next && At(_oldestOpen).Standing != Standing.Open;)
            _oldestOpen++;
        return _oldestOpen == _next;
    }

    private void SettleRow(PendingDeadLetter? letter)
    {
        if (_openRows-- == 0)
            throw new InvalidOperationException($"{Partition}: every row is settled already");
        if (letter is not null)
            _rowLetters.Add(letter);
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
        public long WrittenAt;
        public long TakenAt;
        public Standing Standing;
        public PendingDeadLetter? Letter;
    }
}

/// <summary>A position that can be committed, what is delivered beyond it, and the dead letters that lie before it.</summary>
public sealed record PartitionDelivery(PartitionProgress Progress, long Position, AcceptedAhead Ahead, IReadOnlyList<PendingDeadLetter> DeadLetters, long NextSequence, long Settled)
{
    /// <summary>Null for a partition that has started.</summary>
    public PartitionStart? Start { get; init; }

    /// <summary>How many of <see cref="DeadLetters"/>, the first ones, are of rows.</summary>
    public int RowLetters { get; init; }

    /// <summary>The text to commit beside the position.</summary>
    public string Metadata => Start?.ToString() ?? new DeliveryMetadata(Progress.DeliveredUntil, Ahead).ToString();
}
