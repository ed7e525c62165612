using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Of a destination that is told in real time: each delta, or event, as it comes, behind the start of new cohorts.</summary>
internal sealed class DeltaSource : IDeliverySource
{
    private readonly SinkEnvironment _environment;
    private readonly KinesisDestination _destination;
    private readonly ILogReader _reader;
    private readonly DeliveryCounts _counts;
    private readonly Intake _intake;
    private readonly Starts _starts;

    public DeltaSource(SinkEnvironment environment, KinesisDestination destination, ILogReader reader, OwnedPartitions owned, RecordComposer composer, DeliveryRoom room, DeliveryCounts counts)
    {
        _environment = environment;
        _destination = destination;
        _reader = reader;
        _counts = counts;
        _intake = new(reader, owned, composer, room) { GoOnAt = GoOnAt };
        _starts = new(environment, destination.Id, composer as DeltaComposer, reader, owned, room);
    }

    public (SinkState State, string Added, int Progress)? Standing => _starts.Standing;

    public string Awaits => "";

    public bool IsReading => _starts.IsReading;

    private bool IsOfDeltas => _destination.Format != KinesisFormat.Events;

    public PartitionProgress[] Begin(IReadOnlyList<CommittedPosition> partitions)
    {
        PartitionProgress[] begun = [.. partitions.Select(committed => new PartitionProgress(committed.TopicPartition, BeginningOf(committed), committed.Offset, _counts))];
        if (IsOfDeltas)
            Cover(begun);
        _reader.Seek([.. begun.Select(progress => new PartitionPosition(progress.Partition.Topic, progress.Partition.Partition, progress.Position))]);
        return begun;
    }

    public void Take(RecordBatch batch, long now) => _intake.Take(batch, now);

    public void Turn(long now)
    {
        _intake.Resume();
        _starts.Turn(now);
    }

    public void Drop(PartitionProgress progress) => _starts.Drop(progress);

    public void Dispose() => _starts.Dispose();

    /// <summary>Where a partition begins: where its last owner left it; else with the first event, or with the deltas from now on.</summary>
    private DeliveryMetadata BeginningOf(in CommittedPosition committed)
    {
        if (committed.Exists)
            return DeliveryMetadata.Of(committed);
        var position = IsOfDeltas ? _reader.EndOffset(committed.TopicPartition, Isolation.Committed) : _reader.FirstOffset(committed.TopicPartition);
        return new(0, AcceptedAhead.None(position));
    }

    /// <summary>Says what the positions of partitions stand for, and what is to be sent of cohorts that are new to them.</summary>
    private void Cover(IEnumerable<PartitionProgress> begun)
    {
        var coverages = Coverages.ReadAll(_environment.Log, _environment.Topics, _destination.Id);
        foreach (var progress in begun)
        {
            var found = coverages.GetValueOrDefault(progress.Partition.Partition);
            var next = PartitionCoverage.Next(found, progress.Committed != CommittedPosition.None, _destination.Cohorts, _destination.Start, _starts.Marks);
            progress.StandFor(next, isCommitted: ReferenceEquals(next, found));
        }
    }

    /// <summary>Deltas that are gone are made up for by the present state of all that they may have changed; events that are gone are lost.</summary>
    private long GoOnAt(PartitionProgress progress)
    {
        var (position, first) = (progress.Position, _reader.FirstOffset(progress.Partition));
        if (IsOfDeltas)
        {
            // What a start has not sent yet may have been written at any time.
            var since = progress.Start is null ? ChangedSince.Of(progress.DeliveredUntil) : 0;
            var resync = PartitionCoverage.Resync(_destination.Cohorts, since, _starts.Marks());
            _starts.Drop(progress);
            progress.StandFor(resync, isCommitted: false);
        }

        LogEvents.OffsetGone(_environment.Logger, _destination.Id, progress.Partition, position, first, IsOfDeltas ? ", behind a resync" : "");
        progress.GoOn(first);
        return first;
    }
}
