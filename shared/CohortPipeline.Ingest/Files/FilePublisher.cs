using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>How far a file is published.</summary>
/// <param name="ReadBytes">Of <paramref name="LengthBytes"/>: the file as it lies there, compressed or not.</param>
/// <param name="LengthBytes">Length of the file.</param>
/// <param name="Published">Records committed to the topic.</param>
/// <param name="Bad">Lines that are no record.</param>
public readonly record struct PublishProgress(long ReadBytes, long LengthBytes, long Published, long Bad);

/// <summary>What was published in the end.</summary>
/// <param name="Published">Records committed to the topic.</param>
/// <param name="Bad">Lines that are no record.</param>
/// <param name="EarliestTimestamp">Of the records published, epoch milliseconds; null for none.</param>
/// <param name="LatestTimestamp">Likewise.</param>
public sealed record PublishResult(long Published, long Bad, long? EarliestTimestamp, long? LatestTimestamp);

/// <summary>
/// Publishes a file's records to a source topic: keyed by the profile key, partitioned as Java does, with their own
/// timestamps, in the file's order, in transactions of bounded size.
/// </summary>
public sealed class FilePublisher(ILog log, string transactionalId, TimeProvider time)
{
    private const int TransactionRecordsMax = 5_000;

    private const int TransactionBytesMax = 4 * 1024 * 1024;

    /// <summary>An aborted transaction is written again this often before the publisher gives up.</summary>
    private const int AttemptsMax = 5;

    /// <summary>Publishes all of the file; blocks until it is done.</summary>
    /// <param name="topic">A source topic that exists.</param>
    /// <param name="file">Is read to its end.</param>
    /// <param name="partitionCount">How many partitions the topic must have (clock <c>record</c>); null: any.</param>
    /// <param name="onProgress">Called after each commit, and at the end.</param>
    /// <param name="onBadLine">Called for each line that is no record, with its number and problem.</param>
    /// <param name="cancellation">Stops between two transactions.</param>
    /// <exception cref="RecordFileException">The topic is not fit for the file: nothing was published.</exception>
    /// <exception cref="LogException">The log refused; the message says what was published before.</exception>
    public async Task<PublishResult> Publish(string topic, RecordFile file, int? partitionCount, Action<PublishProgress>? onProgress, Action<long, string>? onBadLine, CancellationToken cancellation)
    {
        var description = await log.Admin.DescribeAsync(topic, cancellation) ?? throw new RecordFileException($"there is no topic {topic}");
        if (partitionCount is { } expected && description.PartitionCount != expected)
            throw new RecordFileException($"topic {topic} has {description.PartitionCount} partitions, and with clock `record` it must have {expected}, as activity has: source partition i alone feeds partition i");
        return await Task.Run(() => Write(description, file, onProgress, onBadLine, cancellation), cancellation);
    }

    /// <summary>Refuses a topic whose retention would drop records before they are read.</summary>
    /// <param name="topic">The topic to publish to.</param>
    /// <param name="file">The file; it is read to its end, so that another one must be opened to publish it.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="RecordFileException">Records of the file are older than what the topic keeps.</exception>
    public async Task CheckRetention(string topic, RecordFile file, CancellationToken cancellation)
    {
        var description = await log.Admin.DescribeAsync(topic, cancellation) ?? throw new RecordFileException($"there is no topic {topic}");
        if (description.Retention is not { } retention)
            return;
        var oldest = (time.GetUtcNow() - retention).ToUnixTimeMilliseconds();
        foreach (var line in file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Problem is null && line.Timestamp < oldest)
                throw new RecordFileException($"topic {topic} keeps records for {retention}, and line {line.Number} of {file.Name} is of {Instant.ToRfc3339(line.Timestamp)}: it would be deleted before it is read. Set retention.ms of the topic to -1 while the file is imported");
        }
    }

    private PublishResult Write(TopicDescription topic, RecordFile file, Action<PublishProgress>? onProgress, Action<long, string>? onBadLine, CancellationToken cancellation)
    {
        using var writer = log.OpenWriter(transactionalId);
        var transaction = new PublishTransaction(writer, writer.Topic(topic.Name));
        var bad = 0L;
        foreach (var line in file.Read())
        {
            if (line.Problem is { } problem)
            {
                bad++;
                onBadLine?.Invoke(line.Number, problem);
                continue;
            }

            transaction.Add(line);
            if (transaction.Count < TransactionRecordsMax && transaction.Bytes < TransactionBytesMax)
                continue;
            transaction.Commit(AttemptsMax);
            onProgress?.Invoke(new(file.ReadBytes, file.LengthBytes, transaction.Published, bad));
            cancellation.ThrowIfCancellationRequested();
        }

        transaction.Commit(AttemptsMax);
        onProgress?.Invoke(new(file.LengthBytes, file.LengthBytes, transaction.Published, bad));
        return new(transaction.Published, bad, transaction.Earliest, transaction.Latest);
    }
}
