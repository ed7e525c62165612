using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// How far one partition is delivered. Records are taken in order and settled in any; the position to commit lies behind the
/// last one before which everything is settled. Dead letters are kept until then, so that they are written once, in one
/// transaction with the position that passes them.
/// </summary>
public sealed class PartitionProgress
{
    private readonly DeliveryCounts _counts;
    private Entry[] _entries = new Entry[64];
    private long _first;
    private long _next;

    /// <param name="partition">The partition.</param>
    /// <param name="position">Where reading begins.</param>
    /// <param name="committed">What the group has committed; <see cref="CommittedPosition.None"/> for nothing yet.</param>
    /// <param name="counts">The destination's.</param>
    public PartitionProgress(TopicPartition partition, long position, long committed, DeliveryCounts counts)
    {
        Partition = partition;
        Position = position;
        Committed = committed;
        _counts = counts;
    }

    public TopicPartition Partition { get; }

    /// <summary>The next offset to read.</summary>
    public long Position { get; private set; }

    /// <summary>What is committed.</summary>
    public long Committed { get; private set; }

    /// <summary>Records from the oldest that is not settled up to the newest that was taken.</summary>
    public int Span => (int)(_next - _first);

    /// <summary>When the oldest unsettled record was taken; null if there is none.</summary>
    public long? OldestTakenAt => _first == _next ? null : At(_first).TakenAt;

    /// <summary>Takes the record at <paramref name="offset"/>; answers the number to settle it by.</summary>
    public long Take(long offset, long now)
    {
        if (offset < Position)
            throw new InvalidOperationException($"{Partition}: offset {offset} came after position {Position}");
        if (Span == _entries.Length)
            Grow();
        _counts.Received();
        Position = offset + 1;
        _entries[_next % _entries.Length] = new() { Offset = offset, TakenAt = now };
        return _next++;
    }

    /// <summary>Everything before <paramref name="position"/> was read, also what is no record (markers of transactions).</summary>
    public void Reach(long position) => Position = Math.Max(Position, position);

    public void Accept(long sequence)
    {
        _counts.Accepted();
        Settle(sequence, null);
    }

    public void Filter(long sequence)
    {
        _counts.Filtered();
        Settle(sequence, null);
    }

    /// <summary>The record can never be accepted.</summary>
    public void GiveUp(long sequence, PendingDeadLetter letter)
    {
        _counts.GaveUp(letter);
        Settle(sequence, letter);
    }

    /// <summary>What can be committed now, with the dead letters that belong to it; null if nothing is new.</summary>
    public PartitionDelivery? Deliverable()
    {
        var letters = new List<PendingDeadLetter>();
        var sequence = _first;
        while (sequence < _next && At(sequence).IsSettled)
        {
            if (At(sequence).Letter is { } letter)
                letters.Add(letter);
            sequence++;
        }

        var position = sequence < _next ? At(sequence).Offset : Position;
        return position == Committed ? null : new(this, position, letters, sequence);
    }

    /// <summary>What <see cref="Deliverable"/> answered is committed.</summary>
    public void Commit(PartitionDelivery delivery)
    {
        Committed = delivery.Position;
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
            if (!At(_first).IsSettled || At(_first).Letter is not null)
                _counts.GivenBack(At(_first).Letter);
        }
    }

    private void Settle(long sequence, PendingDeadLetter? letter)
    {
        if (sequence < _first || sequence >= _next || At(sequence).IsSettled)
            throw new InvalidOperationException($"{Partition}: record {sequence} is settled already");
        At(sequence).IsSettled = true;
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

    private struct Entry
    {
        public long Offset;
        public long TakenAt;
        public bool IsSettled;
        public PendingDeadLetter? Letter;
    }
}

/// <summary>A position that can be committed, and the dead letters that lie before it.</summary>
public sealed record PartitionDelivery(PartitionProgress Progress, long Position, IReadOnlyList<PendingDeadLetter> DeadLetters, long NextSequence);
