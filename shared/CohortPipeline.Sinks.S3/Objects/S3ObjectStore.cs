using System.Diagnostics;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CohortPipeline.Sinks.S3.Files;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// A bucket of S3, or of a server that speaks its protocol. Every write is conditional (<c>If-None-Match: *</c>) and carries
/// the full-object CRC64NVME, which the store checks.
/// </summary>
public sealed class S3ObjectStore(IAmazonS3 client, string bucket, TimeProvider clock, TimeSpan attemptTimeout) : IObjectStore
{
    public async Task<StoreAnswer> PutAsync(SyncObject item, CancellationToken cancellation)
    {
        using var span = S3Telemetry.StartCall("PutObject", bucket);
        using var body = new MemoryStream(item.Body.ToArray(), writable: false);
        var request = new PutObjectRequest
        {
            BucketName = bucket,
            Key = item.Key,
            InputStream = body,
            AutoCloseStream = false,
            ContentType = item.ContentType,
            IfNoneMatch = "*",
            ChecksumCRC64NVME = item.Crc64Nvme,
            UseChunkEncoding = false,
        };
        if (item.TraceParent is not null)
            request.Metadata["traceparent"] = item.TraceParent;
        var answer = await CallAsync(
            async timeout =>
            {
                await client.PutObjectAsync(request, timeout).ConfigureAwait(false);
                return StoreAnswer.Stored;
            },
            answer => answer,
            cancellation).ConfigureAwait(false);
        return Tell(span, answer);
    }

    public async Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation)
    {
        using var span = S3Telemetry.StartCall("HeadObject", bucket);
        var request = new GetObjectMetadataRequest { BucketName = bucket, Key = key, ChecksumMode = ChecksumMode.ENABLED };
        var answer = await CallAsync(
            async timeout =>
            {
                var head = await client.GetObjectMetadataAsync(request, timeout).ConfigureAwait(false);
                return new ChecksumAnswer(StoreAnswer.Exists, string.IsNullOrEmpty(head.ChecksumCRC64NVME) ? null : head.ChecksumCRC64NVME);
            },
            answer => new(answer, null),
            cancellation).ConfigureAwait(false);
        Tell(span, answer.Answer);
        return answer;
    }

    public void Dispose() => client.Dispose();

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, Func<StoreAnswer, T> failed, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(attemptTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await call(either.Token).ConfigureAwait(false);
        }
        catch (AmazonServiceException exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode is "NotFound" or "NoSuchKey")
        {
            // A HEAD of an object that has gone since the write was answered: the write is tried again.
            return failed(StoreAnswer.TryAgain("NotFound", "the object has gone meanwhile"));
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && S3Errors.AnswerOf(exception) is not null)
        {
            return failed(S3Errors.AnswerOf(exception)!.Value);
        }
    }

    private static StoreAnswer Tell(Activity? span, StoreAnswer answer)
    {
        if (answer.Kind is StoreAnswerKind.TryAgain or StoreAnswerKind.Refused)
        {
            span?.SetTag("error.type", answer.Code);
            span?.SetStatus(ActivityStatusCode.Error, answer.Detail);
        }

        return answer;
    }
}
