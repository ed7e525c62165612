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
    private AcceptedAhead _before;
    private readonly List<PendingDeadLetter> _rowLetters = [];
    private Entry[] _entries = new Entry[64];
    private long _first;
    private long _next;
    private long _oldestOpen;
    private long _settled;
    private long _settledAtCommit;
    private long _newestAt;
    private long _serial;
    private int _openRows;
    private long _openRowsSince;
    private bool _isCoverageCommitted;
    private CohortNames? _starting;
    private long _withheldBefore = long.MaxValue;
    private long _holdsAt = long.MaxValue;
    private CohortNames _covered = new(CohortSelection.None);

    /// <summary>The number of a row that a start sends, which has no place among the deltas.</summary>
    private const long Row = -1;

    /// <param name="partition">The partition.</param>
    /// <param name="before">Where reading begins, and what a former owner delivered beyond it.</param>
    /// <param name="committed">What the group has committed; <see cref="CommittedPosition.None"/> for nothing yet.</param>
    /// <param name="counts">The destination's.</param>
    public PartitionProgress(TopicPartition partition, DeliveryMetadata before, long committed, DeliveryCounts counts)
    {
        _newestAt = before.At;
        _serial = before.Serial;
        Partition = partition;
        Position = before.Ahead.Position;
        Committed = committed;
        _before = before.Ahead;
        _counts = counts;
    }

    public TopicPartition Partition { get; }

    /// <summary>The next offset to read.</summary>
    public long Position { get; private set; }

    /// <summary>The first offset of which nothing is known: neither was it read, nor has the destination anything from there on.</summary>
    public long FirstNew => Math.Max(Position, _before.End);

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

    /// <summary>What the position stands for; null where it is of no cohorts.</summary>
    public PartitionCoverage? Coverage { get; private set; }

    /// <summary>What is sent beside the deltas; null for nothing.</summary>
    public PartitionStart? Start => Coverage?.Start;

    /// <summary>What the position stands for is committed.</summary>
    public bool IsCoverageCommitted => Coverage is not null && _isCoverageCommitted;

    /// <summary>The start is committed: it may send.</summary>
    public bool IsStartAnnounced => Start is not null && _isCoverageCommitted;

    /// <summary>
    /// The offset that the group commits where this counts not offsets but the changes of syncs: the numbers go beside it.
    /// Null: what it counts are offsets.
    /// </summary>
    public long? CommitsAt { get; set; }

    /// <summary>Everything that was taken is settled.</summary>
    public bool IsSettled => AllSettled() && AreRowsSettled;

    /// <summary>Every row that was taken is settled.</summary>
    public bool AreRowsSettled => _openRows == 0;

    /// <summary>Everything before it is settled.</summary>
    public long SettledPosition => AllSettled() ? Position : At(_oldestOpen).Offset;

    /// <summary>What the start has sent.</summary>
    public SentRows Sent { get; private set; } = new();

    /// <summary>The instant (epoch milliseconds) of the oldest record that is not settled, or of the newest one where all are: what changed before it is delivered.</summary>
    public long DeliveredUntil => AllSettled() ? _newestAt : At(_oldestOpen).WrittenAt;

    /// <summary>From here on the position stands for this.</summary>
    /// <param name="coverage">Which cohorts, and what is to be sent of others.</param>
    /// <param name="isCommitted">It is committed already; otherwise it goes with the next commit.</param>
    public void StandFor(PartitionCoverage coverage, bool isCommitted)
    {
        Coverage = coverage;
        _isCoverageCommitted = isCommitted;
        _covered = new(coverage.Covered);
        _starting = coverage.Start is { } start ? new(start.Cohorts) : null;
        _withheldBefore = _holdsAt = long.MaxValue;
        Sent = new();
    }

    /// <summary>Whether the start sends the rows of a cohort.</summary>
    public bool IsStarted(ReadOnlySpan<byte> cohortId) => _starting is not null && _starting.Include(cohortId) && !_covered.Include(cohortId);

    /// <summary>Whether a delta is none of the destination's: the rows that the start reads have it.</summary>
    public bool Withholds(ReadOnlySpan<byte> cohortId, long offset) => offset < _withheldBefore && IsStarted(cohortId);

    /// <summary>The start reads the rows that there are by now: they have all deltas before an offset, and none behind it is taken until they are read.</summary>
    public void HoldAt(long offset) => _withheldBefore = _holdsAt = offset;

    /// <summary>The start has taken its rows: the deltas of its cohorts follow, but for those that a row has overtaken.</summary>
    public void FollowRows() => _holdsAt = long.MaxValue;

    /// <summary>Whether a delta may be taken by now.</summary>
    public bool Takes(long offset) => offset < _holdsAt;

    /// <summary>No delta to come is older than a row that was sent: the start is done, and will not be done again.</summary>
    public void EndStart() => StandFor(Coverage!.Started(), isCommitted: false);

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

    /// <summary>What was to be read next is gone: reading goes on at <paramref name="position"/>, which lies before it where the log was made anew.</summary>
    public void GoOn(long position)
    {
        if (position < Position)
            _before = AcceptedAhead.None(position);
        Position = position;
    }

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
        List<PendingDeadLetter> letters = [.. _rowLetters];
        var sequence = _first;
        while (sequence < _next && At(sequence).Standing != Standing.Open)
        {
            if (At(sequence).Letter is { } letter)
                letters.Add(letter);
            sequence++;
        }

        var position = sequence < _next ? At(sequence).Offset : Position;
        var coverage = _isCoverageCommitted ? null : Coverage;
        var isWithRecords = letters.Count > 0 || coverage is not null;
        return position == Committed && _settled == _settledAtCommit && !isWithRecords
            ? null
            : new(this, position, new(DeliveredUntil, AheadOf(position, sequence), isWithRecords ? _serial + 1 : _serial), letters, sequence, _settled) { Coverage = coverage, RowLetters = _rowLetters.Count };
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
        _isCoverageCommitted |= delivery.Coverage is not null && ReferenceEquals(delivery.Coverage, Coverage);
        _serial = delivery.Metadata.Serial;
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

/// <summary>A position that can be committed, the text beside it, and the dead letters that lie before it.</summary>
public sealed record PartitionDelivery(PartitionProgress Progress, long Position, DeliveryMetadata Metadata, IReadOnlyList<PendingDeadLetter> DeadLetters, long NextSequence, long Settled)
{
    /// <summary>What the position stands for from here on; null: for what it did.</summary>
    public PartitionCoverage? Coverage { get; init; }

    /// <summary>How many of <see cref="DeadLetters"/>, the first ones, are of rows.</summary>
    public int RowLetters { get; init; }

    /// <summary>It is one transaction with records.</summary>
    public bool IsWithRecords => DeadLetters.Count > 0 || Coverage is not null;

    /// <summary>What the group commits.</summary>
    public CommittedPosition Committed { get; } = Progress.CommitsAt is { } offset
        ? new(Progress.Partition.Topic, Progress.Partition.Partition, offset, Metadata.ToNumberedText())
        : new(Progress.Partition.Topic, Progress.Partition.Partition, Position, Metadata.ToString());
}
