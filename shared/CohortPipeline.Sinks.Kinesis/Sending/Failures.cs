using Amazon.Runtime;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What an exception of the SDK says of a call: whether it passes, or somebody has to change something.</summary>
internal static class Failures
{
    private const string NoAnswer = "NoAnswer";
    private const string NoCredentials = "NoCredentials";
    private const int ServerErrors = 500;

    /// <summary>Codes below 500 that pass by themselves.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "ProvisionedThroughputExceededException", "LimitExceededException", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
        "RequestThrottled", "RequestLimitExceeded", "KMSThrottlingException", "RequestTimeout", "RequestTimeoutException", "RequestExpired", "RequestTimeTooSkewed",
        "ExpiredToken", "ExpiredTokenException", "IDPCommunicationError", "InternalFailure", "ServiceUnavailable",
    };

    public static bool IsExpiredToken(AmazonServiceException exception) => exception.ErrorCode is "ExpiredToken" or "ExpiredTokenException";

    /// <param name="exception">What a call threw.</param>
    /// <param name="operation">What was called, for the reason: <c>kinesis:PutRecords</c>.</param>
    public static DeliveryResponse Of(Exception exception, string operation) => exception switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } answered => DeliveryResponse.Failed(KindOf(answered), code, $"{operation}: {answered.Message}"),
        AmazonServiceException answered when (int)answered.StatusCode is > 0 and < ServerErrors => DeliveryResponse.Failed(FailureKind.Refused, answered.StatusCode.ToString(), $"{operation}: {answered.Message}"),
        AmazonClientException { InnerException: null } client => DeliveryResponse.Failed(FailureKind.Refused, NoCredentials, $"{operation}: {client.Message}"),
        OperationCanceledException => DeliveryResponse.Failed(FailureKind.Transient, "Timeout", $"{operation}: no answer in time"),
        _ => DeliveryResponse.Failed(FailureKind.Transient, NoAnswer, $"{operation}: {(exception.InnerException ?? exception).Message}"),
    };

    private static FailureKind KindOf(AmazonServiceException exception) =>
        (int)exception.StatusCode >= ServerErrors || Passing.Contains(exception.ErrorCode) ? FailureKind.Transient : FailureKind.Refused;
}
