using System.Buffers;
using System.Text.Json;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.Kinesis.Internal;

/// <summary>A call as <c>application/x-amz-json-1.1</c>.</summary>
internal sealed class PutRecordsRequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    private const int EntryOverheadBytes = 64;

    public static PutRecordsRequestMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (PutRecordsRequest)input;
        var request = new DefaultRequest(call, "Amazon.Kinesis")
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = Body(call),
        };
        request.Headers["X-Amz-Target"] = "Kinesis_20131202.PutRecords";
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        return request;
    }

    private static byte[] Body(PutRecordsRequest call)
    {
        var buffer = new ArrayBufferWriter<byte>(1 + (int)call.Records.Sum(entry => (entry.Data.Length * 4 / 3) + entry.PartitionKey.Length + EntryOverheadBytes));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("Records"u8);
            foreach (var entry in call.Records)
            {
                writer.WriteStartObject();
                writer.WriteBase64String("Data"u8, entry.Data.TryGetBuffer(out var data) ? data : entry.Data.ToArray());
                if (entry.ExplicitHashKey is not null)
                    writer.WriteString("ExplicitHashKey"u8, entry.ExplicitHashKey);
                writer.WriteString("PartitionKey"u8, entry.PartitionKey);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (call.StreamARN is not null)
                writer.WriteString("StreamARN"u8, call.StreamARN);
            if (call.StreamName is not null)
                writer.WriteString("StreamName"u8, call.StreamName);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
