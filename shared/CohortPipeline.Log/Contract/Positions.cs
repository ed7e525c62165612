namespace CohortPipeline.Log;

/// <summary>One partition of a topic.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}/{Partition}";
}

/// <summary>A partition and the offset of the next record to read there.</summary>
public readonly record struct PartitionPosition(string Topic, int Partition, long Offset)
{
    public TopicPartition TopicPartition => new(Topic, Partition);

    public override string ToString() => $"{Topic}/{Partition}@{Offset}";
}

/// <summary>
/// What a group has committed for a partition: the next offset to read, and the text committed with it (at most
/// <see cref="MetadataBytesMax"/> bytes of UTF-8). <see cref="Offset"/> is <see cref="None"/> where nothing is committed.
/// </summary>
public readonly record struct CommittedPosition(string Topic, int Partition, long Offset, string Metadata)
{
    public const long None = -1;

    public const int MetadataBytesMax = 4096;

    public bool Exists => Offset >= 0;

    public TopicPartition TopicPartition => new(Topic, Partition);
}
