namespace CohortPipeline.Kinesis.Local;

/// <summary>An error in AWS's own words: of a whole call, or of an entry of PutRecords.</summary>
/// <param name="Type">The <c>__type</c> of a call's answer, or an entry's <c>ErrorCode</c>.</param>
public sealed record KinesisError(string Type, string Message)
{
    private const string InternalFailureType = "InternalFailure";

    /// <summary>Of a call.</summary>
    public int Status => Type is InternalFailureType or "ServiceUnavailable" ? 500 : 400;

    /// <summary>Whose streams they are.</summary>
    public const string Account = "000000000000";

    public static KinesisError InternalFailure { get; } = new(InternalFailureType, "Internal service failure.");

    public static KinesisError UnknownOperation { get; } = new("UnknownOperationException", "");

    public static KinesisError Serialization(string message) => new("SerializationException", message);

    /// <param name="member">Path of the member, as <c>records.1.member.data</c>.</param>
    /// <param name="constraint">As <c>Member must not be null</c>.</param>
    public static KinesisError Validation(string member, string constraint) =>
        new("ValidationException", $"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}");

    public static KinesisError InvalidArgument(string message) => new("InvalidArgumentException", message);

    public static KinesisError NoStream(string name) => new("ResourceNotFoundException", $"Stream {name} under account {Account} not found.");

    public static KinesisError NoShard(string shard, string stream) =>
        new("ResourceNotFoundException", $"Could not find shard {shard} in stream {stream} under account {Account}.");

    public static KinesisError StreamExists(string name) => new("ResourceInUseException", $"Stream {name} under account {Account} already exists.");

    public static KinesisError Throttled(string shard, string stream) =>
        new("ProvisionedThroughputExceededException", $"Rate exceeded for shard {shard} in stream {stream} under account {Account}.");

    /// <param name="operation">As <c>PutRecords</c>.</param>
    public static KinesisError AccessDenied(string operation, string streamArn) => new(
        "AccessDeniedException",
        $"User: arn:aws:iam::{Account}:user/local is not authorized to perform: kinesis:{operation} on resource: {streamArn} because no identity-based policy allows the kinesis:{operation} action");

    internal KinesisErrorException Thrown() => new(this);
}

/// <summary>Ends a call with an error; the server catches it in one place and answers.</summary>
internal sealed class KinesisErrorException(KinesisError error) : Exception($"{error.Type}: {error.Message}")
{
    public KinesisError Error { get; } = error;
}
