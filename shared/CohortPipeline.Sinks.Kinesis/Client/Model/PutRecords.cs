using Amazon.Runtime;
using CohortPipeline.Sinks.Kinesis;

namespace Amazon.Kinesis.Model;

/// <summary>A call of PutRecords, written before, and where its answer goes: neither makes an object a record.</summary>
/// <param name="body">The call as JSON, in memory that stays as it is until the call has been answered.</param>
/// <param name="results">Filled with an entry for each record, by position.</param>
internal sealed class PutRecordsRequest(ReadOnlyMemory<byte> body, List<EntryResult> results) : AmazonWebServiceRequest
{
    public ReadOnlyMemory<byte> Body { get; } = body;

    public List<EntryResult> Results { get; } = results;
}

/// <summary>It was answered: what became of each record is in the results of its request.</summary>
internal sealed class PutRecordsResponse : AmazonWebServiceResponse;
