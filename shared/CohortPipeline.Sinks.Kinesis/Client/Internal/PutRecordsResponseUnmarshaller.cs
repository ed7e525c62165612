using System.Net;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;
using CohortPipeline.Sinks.Kinesis;

namespace Amazon.Kinesis.Internal;

/// <param name="results">Where the answer of the one call goes.</param>
internal sealed class PutRecordsResponseUnmarshaller(List<EntryResult> results) : JsonResponseUnmarshaller
{
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        results.Clear();
        PutRecordsAnswer.Read(input.Stream, results);
        return new PutRecordsResponse();
    }

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        return error.Code switch
        {
            "AccessDeniedException" => new AccessDeniedException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode),
            "ProvisionedThroughputExceededException" => new ProvisionedThroughputExceededException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode),
            "ResourceNotFoundException" => new ResourceNotFoundException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode),
            _ => new AmazonKinesisException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode),
        };
    }
}
