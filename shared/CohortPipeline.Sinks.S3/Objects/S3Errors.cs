using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>What a failed call of S3 means for the sink.</summary>
internal static class S3Errors
{
    /// <summary>Client errors that say something of the moment, not of rights or settings.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "BadDigest", "InvalidDigest", "IncompleteBody", "RequestTimeout", "RequestTimeTooSkewed", "SlowDown", "Throttling",
        "ThrottlingException", "TooManyRequests", ConflictCode, "OperationAborted", "ExpiredToken",
        "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch",
    };

    /// <summary>Another write of the same key was under way.</summary>
    public const string ConflictCode = "ConditionalRequestConflict";

    /// <summary>Null for an exception that is no answer of the store and no trouble on the way to it.</summary>
    public static StoreAnswer? AnswerOf(Exception exception) => exception switch
    {
        AmazonServiceException { StatusCode: HttpStatusCode.PreconditionFailed } => StoreAnswer.Exists,
        AmazonServiceException { ErrorCode: "NoSuchUpload" } gone => StoreAnswer.UploadGone(CodeOf(gone), gone.Message),
        AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NotFound" or "NoSuchKey" } => StoreAnswer.Absent,
        AmazonServiceException { StatusCode: 0 } failed => StoreAnswer.TryAgain("Network", Innermost(failed)),
        AmazonServiceException failed when IsPassing(failed) => StoreAnswer.TryAgain(CodeOf(failed), failed.Message),
        AmazonServiceException failed => StoreAnswer.Refused(CodeOf(failed), failed.Message),
        HttpRequestException or IOException or SocketException => StoreAnswer.TryAgain("Network", Innermost(exception)),
        OperationCanceledException or TimeoutException => StoreAnswer.TryAgain("TimedOut", "no answer in time; it may have been stored"),
        AmazonClientException => StoreAnswer.Refused("NoCredentials", exception.Message),
        _ => null,
    };

    private static bool IsPassing(AmazonServiceException failed) =>
        (int)failed.StatusCode >= 500 || failed.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || Passing.Contains(failed.ErrorCode ?? "");

    private static string CodeOf(AmazonServiceException failed) =>
        string.IsNullOrEmpty(failed.ErrorCode) ? $"Http{(int)failed.StatusCode}" : failed.ErrorCode;

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception.Message;
    }
}
