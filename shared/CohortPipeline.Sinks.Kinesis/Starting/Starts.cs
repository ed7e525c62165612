using System.Globalization;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Brings partitions to where they deliver the deltas of all their cohorts: once the start is committed, the rows of its
/// cohorts are read and sent, while the deltas of the others go on. Then the rows are read that were written meanwhile, and
/// from the deltas on that these do not have the partition takes those of all cohorts. The start is done when these have
/// passed what was their end when the rows were read: until then whoever takes over begins anew, since a delta may be older
/// than a row that was sent.
/// </summary>
internal sealed class Starts(SinkEnvironment environment, string destinationId, DeltaComposer? composer, ILogReader reader, OwnedPartitions owned, DeliveryRoom room) : IDisposable
{
    private const int NamesMax = 3;

    private static readonly TimeSpan RowWait = TimeSpan.FromMilliseconds(1);

    /// <summary>The rows were read for these, up to that end of their deltas.</summary>
    private readonly Dictionary<PartitionProgress, long> _read = [];
    private RowReplay? _replay;

    /// <summary>What is under way, how many percent of its rows are read, and which cohorts start where others go on; null: no partition starts.</summary>
    public (SinkState State, string Added, int Progress)? Standing => owned.All.Select(progress => progress.Coverage).FirstOrDefault(coverage => coverage?.Start is not null) is not { Start: { } start } coverage
        ? null
        : (start.IsSnapshot ? SinkState.Snapshot : SinkState.Resync, AddedTo(coverage), (int)(100 * (_replay?.Share ?? (_read.Count > 0 ? 1 : 0))));

    public bool IsReading => _replay is not null;

    /// <summary>The ends of <c>memberships</c>, before which a start that begins now has sent nothing.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public long[] Marks() => MembershipsEnds.Committed(reader, environment.Topics);

    /// <exception cref="LogUnavailableException">The log did not answer; the next turn goes on.</exception>
    public void Turn(long now)
    {
        if (_replay is null && owned.All.Any(IsToRead))
        {
            _replay = new(environment.Log, environment.Topics, composer!, owned.All.Where(IsToRead).ToArray());
            LogEvents.Starting(environment.Logger, destinationId, Standing?.State == SinkState.Resync ? "a resync" : "a snapshot", _replay.Partitions.Count());
        }

        if (_replay is { IsDone: false })
            _replay.Poll(now, room, RowWait);
        if (_replay is { IsDone: true, IsReadingLast: false })
            _replay.ReadLast();
        if (_replay is { IsDone: true, IsReadingLast: true } done)
            End(done);
        foreach (var (progress, deltasEnd) in _read)
        {
            if (!progress.AreRowsSettled || progress.SettledPosition < deltasEnd)
                continue;
            progress.EndStart();
            _read.Remove(progress);
            LogEvents.Started(environment.Logger, destinationId, progress.Partition, progress.Position);
        }
    }

    /// <summary>The partition has gone to another owner, or starts anew.</summary>
    public void Drop(PartitionProgress progress)
    {
        _read.Remove(progress);
        _replay?.Drop(progress);
    }

    public void Dispose() => _replay?.Dispose();

    /// <summary>Names the cohorts of a start where there are others that go on.</summary>
    private static string AddedTo(PartitionCoverage coverage)
    {
        if (coverage.Covered.IsNone)
            return "";
        var added = coverage.Start!.Cohorts;
        var more = added.Ids.Count > NamesMax ? string.Create(CultureInfo.InvariantCulture, $" and {added.Ids.Count - NamesMax} more") : "";
        return added.IsAll ? "added: all other cohorts" : $"added: {string.Join(", ", added.Ids.Take(NamesMax))}{more}";
    }

    private bool IsToRead(PartitionProgress progress) => progress.IsStartAnnounced && !_read.ContainsKey(progress);

    /// <summary>The end of the deltas is asked for undecided: whatever has a row that was read lies before it, though its marker may be still to come.</summary>
    private void End(RowReplay replay)
    {
        var ends = replay.Partitions.Select(progress => (progress, reader.EndOffset(progress.Partition, Isolation.Uncommitted))).ToArray();
        foreach (var (progress, end) in ends)
        {
            progress.FollowRows();
            _read.Add(progress, end);
        }

        replay.Dispose();
        _replay = null;
    }
}
