using Amazon.Runtime;

namespace Amazon.Kinesis.Model;

/// <summary>At most 500 records and 5 MiB (10 where the stream allows large records), data and keys.</summary>
public sealed class PutRecordsRequest : AmazonWebServiceRequest
{
    public List<PutRecordsRequestEntry> Records { get; set; } = [];

    /// <summary>One of <see cref="StreamARN"/> and <see cref="StreamName"/>.</summary>
    public string? StreamARN { get; set; }

    public string? StreamName { get; set; }
}

public sealed class PutRecordsRequestEntry
{
    public MemoryStream Data { get; set; } = new();

    public string? ExplicitHashKey { get; set; }

    public string PartitionKey { get; set; } = "";
}

/// <summary>HTTP 200 with <see cref="FailedRecordCount"/> above 0 means: those entries, by position, were not stored.</summary>
public sealed class PutRecordsResponse : AmazonWebServiceResponse
{
    public string? EncryptionType { get; set; }

    public int? FailedRecordCount { get; set; }

    public List<PutRecordsResultEntry> Records { get; set; } = [];
}

public sealed class PutRecordsResultEntry
{
    public string? SequenceNumber { get; set; }

    public string? ShardId { get; set; }

    /// <summary>Null where the record was stored.</summary>
    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }
}
