using Amazon.Kinesis.Model;

namespace Amazon.Kinesis;

/// <summary>
/// The part of Amazon Kinesis Data Streams that this product calls, under the SDK package's own names: where
/// AWSSDK.Kinesis is to be had, this folder is deleted and the package takes its place.
/// </summary>
public interface IAmazonKinesis : IDisposable
{
    Task<PutRecordsResponse> PutRecordsAsync(PutRecordsRequest request, CancellationToken cancellationToken = default);
}
