using System.Runtime.InteropServices;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.Kinesis.Internal;

/// <summary>A call as <c>application/x-amz-json-1.1</c>.</summary>
internal sealed class PutRecordsRequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public static PutRecordsRequestMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (PutRecordsRequest)input;
        if (!MemoryMarshal.TryGetArray(call.Body, out var body))
            throw new ArgumentException("the body of a call is an array", nameof(input));

        // As a stream: the SDK takes arrays only whole, and this one is the first part of a larger one.
        var request = new DefaultRequest(call, "Amazon.Kinesis")
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            ContentStream = new MemoryStream(body.Array!, body.Offset, body.Count, writable: false),
        };
        request.Headers["X-Amz-Target"] = "Kinesis_20131202.PutRecords";
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        return request;
    }
}
