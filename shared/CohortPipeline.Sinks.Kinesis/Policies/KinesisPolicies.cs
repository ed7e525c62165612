using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>The two policies that a customer puts on the role of a Kinesis destination, as they are pasted into IAM.</summary>
public static class KinesisPolicies
{
    private const string Version = "2012-10-17";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Who may assume the role: the account this pipeline runs in, and only with the destination's external id.</summary>
    /// <param name="destination">With its external id made.</param>
    /// <param name="account">The twelve digits of the pipeline's own account.</param>
    public static string Trust(KinesisDestination destination, string account) => Write(writer =>
    {
        writer.WriteStartArray("Statement"u8);
        writer.WriteStartObject();
        writer.WriteString("Effect"u8, "Allow"u8);
        writer.WriteStartObject("Principal"u8);
        writer.WriteString("AWS"u8, $"arn:{PartitionOf(destination)}:iam::{account}:root");
        writer.WriteEndObject();
        writer.WriteString("Action"u8, "sts:AssumeRole"u8);
        if (destination.ExternalId is { } externalId and not KinesisDestination.NoExternalId)
        {
            writer.WriteStartObject("Condition"u8);
            writer.WriteStartObject("StringEquals"u8);
            writer.WriteString("sts:ExternalId"u8, externalId);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    /// <summary>What the role may do: put records into the one stream, and look at its own permissions.</summary>
    /// <param name="destination">Names the stream and the role.</param>
    /// <param name="streamAccount">The account of the stream, where neither the stream's ARN nor the role's says it.</param>
    public static string Permissions(KinesisDestination destination, string streamAccount) => Write(writer =>
    {
        writer.WriteStartArray("Statement"u8);
        writer.WriteStartObject();
        writer.WriteString("Effect"u8, "Allow"u8);
        writer.WriteStartArray("Action"u8);
        writer.WriteStringValue("kinesis:PutRecord"u8);
        writer.WriteStringValue("kinesis:PutRecords"u8);
        writer.WriteEndArray();
        writer.WriteString("Resource"u8, StreamArn(destination, streamAccount));
        writer.WriteEndObject();
        if (destination.RoleArn is { } role)
        {
            writer.WriteStartObject();
            writer.WriteString("Effect"u8, "Allow"u8);
            writer.WriteStartArray("Action"u8);
            writer.WriteStringValue("iam:SimulatePrincipalPolicy"u8);
            writer.WriteEndArray();
            writer.WriteString("Resource"u8, role);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>The stream's own ARN, or what its name means in the role's account.</summary>
    internal static string StreamArn(KinesisDestination destination, string streamAccount) =>
        destination.StreamArn ?? $"arn:{PartitionOf(destination)}:kinesis:{destination.Region}:{AccountOf(destination) ?? streamAccount}:stream/{destination.Stream}";

    /// <summary>A role's stream lies in the role's account unless its ARN says otherwise.</summary>
    private static string? AccountOf(KinesisDestination destination) => destination.RoleArn?.Split(':')[4];

    /// <summary><c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>.</summary>
    internal static string PartitionOf(KinesisDestination destination) => (destination.RoleArn ?? destination.StreamArn)?.Split(':')[1] ?? "aws";

    private static string Write(Action<Utf8JsonWriter> writeStatements)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            writer.WriteString("Version"u8, Version);
            writeStatements(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
