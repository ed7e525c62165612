namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>A record of a stream, as its reader gets it.</summary>
internal sealed record SentRecord(string PartitionKey, ReadOnlyMemory<byte> Data);

/// <summary>Where the destinations of a tested pipeline send to, and what has arrived there.</summary>
internal interface ISinkOutput
{
    /// <summary>The fields of a Kinesis destination that say where it sends.</summary>
    string StreamOf(string destination);

    /// <summary>The fields of an S3 destination that say where it writes.</summary>
    string Bucket { get; }

    /// <summary>The records of a Kinesis destination; those of one partition key in order.</summary>
    Task<IReadOnlyList<SentRecord>> RecordsAsync(string destination, CancellationToken cancellation);

    /// <summary>The objects of the S3 destination, by name without the path.</summary>
    Task<IReadOnlyDictionary<string, byte[]>> ObjectsAsync(CancellationToken cancellation);
}
