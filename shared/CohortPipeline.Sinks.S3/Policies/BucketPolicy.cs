using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CohortPipeline.Sinks.S3.Policies;

/// <summary>The bucket policy that lets a principal publish to a destination, and nothing else.</summary>
public static class BucketPolicy
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] ObjectActions =
    [
        "s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
    ];

    /// <param name="principalArn">ARN of the role or user that the sink runs as.</param>
    public static string Render(S3Destination destination, string principalArn)
    {
        var bucket = destination.Bucket;
        var partition = principalArn.Split(':') is ["arn", var named, ..] ? named : "aws";
        var prefix = destination.Path.Length == 0 ? "" : $"{destination.Path}/";
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("Version"u8, "2012-10-17"u8);
            writer.WriteStartArray("Statement"u8);
            Write(writer, "CohortFiles", principalArn, ObjectActions, $"arn:{partition}:s3:::{bucket}/{prefix}*");
            Write(writer, "UnfinishedUploads", principalArn, ["s3:ListBucketMultipartUploads"], $"arn:{partition}:s3:::{bucket}");
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, string id, string principalArn, string[] actions, string resource)
    {
        writer.WriteStartObject();
        writer.WriteString("Sid"u8, id);
        writer.WriteString("Effect"u8, "Allow"u8);
        writer.WriteStartObject("Principal"u8);
        writer.WriteString("AWS"u8, principalArn);
        writer.WriteEndObject();
        writer.WriteStartArray("Action"u8);
        foreach (var action in actions)
            writer.WriteStringValue(action);
        writer.WriteEndArray();
        writer.WriteString("Resource"u8, resource);
        writer.WriteEndObject();
    }
}
