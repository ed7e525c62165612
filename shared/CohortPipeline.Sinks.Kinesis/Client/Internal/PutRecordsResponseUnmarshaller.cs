using System.Net;
using System.Text.Json;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Amazon.Kinesis.Internal;

internal sealed class PutRecordsResponseUnmarshaller : JsonResponseUnmarshaller
{
    public static PutRecordsResponseUnmarshaller Instance { get; } = new();

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        using var document = JsonDocument.Parse(input.Stream);
        var root = document.RootElement;
        return new PutRecordsResponse
        {
            EncryptionType = Text(root, "EncryptionType"u8),
            FailedRecordCount = root.TryGetProperty("FailedRecordCount"u8, out var failed) && failed.ValueKind == JsonValueKind.Number ? failed.GetInt32() : null,
            Records = [.. root.GetProperty("Records"u8).EnumerateArray().Select(Entry)],
        };
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

    private static PutRecordsResultEntry Entry(JsonElement entry) => new()
    {
        SequenceNumber = Text(entry, "SequenceNumber"u8),
        ShardId = Text(entry, "ShardId"u8),
        ErrorCode = Text(entry, "ErrorCode"u8),
        ErrorMessage = Text(entry, "ErrorMessage"u8),
    };

    private static string? Text(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
