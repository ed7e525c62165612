using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;

namespace CohortPipeline.Benchmarks.Kinesis;

/// <summary>
/// What the stages of the sink take, one after the other on one thread: polling alone, then also composing, then also the queue
/// with a stream that answers at once, then also the body of each call. What a stage adds to the processor time is its own.
/// </summary>
internal static class SinkStages
{
    public const string Heading = "| stage, ns of processor time a record | poll | compose | queue | body | together |\n| --- | ---: | ---: | ---: | ---: | ---: |";

    private const int PollRecordsMax = 1_000;

    /// <summary>Of which the best counts: the first compiles, and others use the machine, too.</summary>
    private const int Rounds = 4;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private enum Stage
    {
        Poll,
        Compose,
        Queue,
        Body,
    }

    public static string Row(string name, ILog log, PipelineTopics topics, KinesisDestination destination, int records)
    {
        var measured = Enum.GetValues<Stage>().Select(stage => Enumerable.Range(0, Rounds).Min(_ => Run(stage, log, topics, destination, records))).ToArray();
        var added = measured.Select((ns, stage) => stage == 0 ? ns : Math.Max(0, ns - measured[stage - 1]));
        return $"| {name} | {string.Join(" | ", added.Select(Text))} | {Text(measured[^1])} |";
    }

    private static double Run(Stage stage, ILog log, PipelineTopics topics, KinesisDestination destination, int records)
    {
        var queue = new DeliveryQueue(DeliveryLimits.Of(destination), jitterSeed: 1);
        var counts = new DeliveryCounts();
        var progress = Enumerable.Range(0, topics.PartitionCount)
            .Select(partition => new PartitionProgress(new(topics.MembershipDeltas.Name, partition), new(0, AcceptedAhead.None(0)), CommittedPosition.None, counts)).ToArray();
        var spare = new Stack<OutboundRecord>();
        Func<OutboundRecord> rent = stage == Stage.Compose ? () => spare.TryPop(out var record) ? record : new() : queue.Rent;
        Action<OutboundRecord> emit = stage == Stage.Compose ? record => Settle(record, spare) : queue.Add;
        using var composer = Composers.Create(destination, new(rent, emit, PartitionKeys.WriteRandom, () => DateTimeOffset.UnixEpoch));
        using var reader = log.OpenReader(new("bench.stages"));
        reader.Assign([.. progress.Select(one => new PartitionPosition(one.Partition.Topic, one.Partition.Partition, 0))]);
        var (read, now) = (0, 0L);
        var measured = Measurement.Of(records, () =>
        {
            while (read < records)
            {
                var batch = reader.Poll(PollRecordsMax, Wait);
                read += batch.Records.Length;
                if (stage == Stage.Poll)
                    continue;
                now += (long)destination.Linger.TotalMilliseconds;
                for (var i = 0; i < batch.Records.Length; i++)
                    composer.Take(batch, i, progress[batch.Records[i].Partition], now);
                composer.Tick(now + (long)destination.Linger.TotalMilliseconds);
                while (queue.TryStart(now) is { } request)
                    Answer(queue, request, destination, stage, now);
                foreach (var one in progress)
                    Commit(one);
            }
        });
        return measured.Cpu.TotalNanoseconds / records;
    }

    private static void Settle(OutboundRecord record, Stack<OutboundRecord> spare)
    {
        foreach (var sequence in record.Sequences)
            record.Progress.Accept(sequence);
        record.Clear();
        spare.Push(record);
    }

    private static void Answer(DeliveryQueue queue, DeliveryRequest request, KinesisDestination destination, Stage stage, long now)
    {
        if (stage == Stage.Body)
            PutRecordsBody.Write(request, destination).Return();
        request.Results.Clear();
        for (var i = 0; i < request.Records.Count; i++)
            request.Results.Add(default);
        queue.Complete(request, DeliveryResponse.Answered(request.Results), now);
    }

    private static void Commit(PartitionProgress progress)
    {
        if (progress.Deliverable() is { } delivery)
            progress.Commit(delivery);
    }

    private static string Text(double nanoseconds) => nanoseconds.ToString("N0", CultureInfo.InvariantCulture);
}
