using System.Diagnostics;
using System.Runtime.InteropServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// A bucket of S3, or of a server that speaks its protocol. Whatever makes an object appear is conditional
/// (<c>If-None-Match: *</c>) and carries the full-object CRC64NVME, which the store checks; so does each part its own.
/// </summary>
public sealed class S3ObjectStore(IAmazonS3 client, string bucket, TimeProvider clock, TimeSpan attemptTimeout) : IObjectStore
{
    public Task<StoreAnswer> PutAsync(ObjectHead head, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation) => CallAsync(
        "PutObject",
        async timeout =>
        {
            using var stream = StreamOf(body);
            var request = new PutObjectRequest
            {
                BucketName = bucket,
                Key = head.Key,
                InputStream = stream,
                AutoCloseStream = false,
                ContentType = head.ContentType,
                IfNoneMatch = "*",
                ChecksumCRC64NVME = crc64Nvme,
                UseChunkEncoding = false,
            };
            if (head.TraceParent is not null)
                request.Metadata["traceparent"] = head.TraceParent;
            await client.PutObjectAsync(request, timeout).ConfigureAwait(false);
            return StoreAnswer.Stored;
        },
        answer => answer,
        cancellation);

    public Task<UploadAnswer> BeginAsync(ObjectHead head, CancellationToken cancellation) => CallAsync(
        "CreateMultipartUpload",
        async timeout =>
        {
            var request = new InitiateMultipartUploadRequest
            {
                BucketName = bucket,
                Key = head.Key,
                ContentType = head.ContentType,
                ChecksumAlgorithm = ChecksumAlgorithm.CRC64NVME,
                ChecksumType = ChecksumType.FULL_OBJECT,
            };
            if (head.TraceParent is not null)
                request.Metadata["traceparent"] = head.TraceParent;
            var begun = await client.InitiateMultipartUploadAsync(request, timeout).ConfigureAwait(false);
            return new UploadAnswer(StoreAnswer.Stored, new(head.Key, begun.UploadId));
        },
        answer => new(answer, default),
        cancellation);

    public Task<PartAnswer> SendPartAsync(Upload upload, int number, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation) => CallAsync(
        "UploadPart",
        async timeout =>
        {
            using var stream = StreamOf(body);
            var request = new UploadPartRequest
            {
                BucketName = bucket,
                Key = upload.Key,
                UploadId = upload.Id,
                PartNumber = number,
                PartSize = body.Length,
                InputStream = stream,
                ChecksumCRC64NVME = crc64Nvme,
                UseChunkEncoding = false,
            };
            var sent = await client.UploadPartAsync(request, timeout).ConfigureAwait(false);
            return new PartAnswer(StoreAnswer.Stored, new(number, sent.ETag, crc64Nvme));
        },
        answer => new(answer, default),
        cancellation);

    public Task<StoreAnswer> CompleteAsync(Upload upload, IReadOnlyList<StoredPart> parts, string crc64Nvme, CancellationToken cancellation) => CallAsync(
        "CompleteMultipartUpload",
        async timeout =>
        {
            var request = new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = upload.Key,
                UploadId = upload.Id,
                PartETags = [.. parts.Select(part => new PartETag(part.Number, part.Tag) { ChecksumCRC64NVME = part.Crc64Nvme })],
                IfNoneMatch = "*",
                ChecksumCRC64NVME = crc64Nvme,
                ChecksumType = ChecksumType.FULL_OBJECT,
            };
            await client.CompleteMultipartUploadAsync(request, timeout).ConfigureAwait(false);
            return StoreAnswer.Stored;
        },
        // Unlike after a put, what was sent does not count any more after a conflict: S3 wants the upload begun anew.
        answer => answer.Code == S3Errors.ConflictCode ? StoreAnswer.UploadGone(answer.Code, answer.Detail) : answer,
        cancellation);

    public Task<StoreAnswer> AbortAsync(Upload upload, CancellationToken cancellation) => CallAsync(
        "AbortMultipartUpload",
        async timeout =>
        {
            var request = new AbortMultipartUploadRequest { BucketName = bucket, Key = upload.Key, UploadId = upload.Id };
            await client.AbortMultipartUploadAsync(request, timeout).ConfigureAwait(false);
            return StoreAnswer.Stored;
        },
        answer => answer.Kind == StoreAnswerKind.UploadGone ? StoreAnswer.Stored : answer,
        cancellation);

    public Task<UnfinishedAnswer> UnfinishedAsync(string prefix, CancellationToken cancellation) => CallAsync(
        "ListMultipartUploads",
        async timeout =>
        {
            var uploads = new List<Upload>();
            var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = prefix };
            while (true)
            {
                var page = await client.ListMultipartUploadsAsync(request, timeout).ConfigureAwait(false);
                uploads.AddRange((page.MultipartUploads ?? []).Select(upload => new Upload(upload.Key, upload.UploadId)));
                if (page.IsTruncated != true)
                    return new UnfinishedAnswer(StoreAnswer.Stored, uploads);
                (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
            }
        },
        answer => new(answer, []),
        cancellation);

    public Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation) => CallAsync(
        "HeadObject",
        async timeout =>
        {
            var request = new GetObjectMetadataRequest { BucketName = bucket, Key = key, ChecksumMode = ChecksumMode.ENABLED };
            var head = await client.GetObjectMetadataAsync(request, timeout).ConfigureAwait(false);
            return new ChecksumAnswer(StoreAnswer.Exists, string.IsNullOrEmpty(head.ChecksumCRC64NVME) ? null : head.ChecksumCRC64NVME);
        },
        answer => new(answer, null),
        cancellation);

    public void Dispose() => client.Dispose();

    private async Task<T> CallAsync<T>(string operation, Func<CancellationToken, Task<T>> call, Func<StoreAnswer, T> failed, CancellationToken cancellation)
    {
        using var span = S3Telemetry.StartCall(operation, bucket);
        using var timeout = new CancellationTokenSource(attemptTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await call(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && S3Errors.AnswerOf(exception) is not null)
        {
            var answer = S3Errors.AnswerOf(exception)!.Value;
            if (answer.Kind is StoreAnswerKind.TryAgain or StoreAnswerKind.Refused)
            {
                span?.SetTag("error.type", answer.Code);
                span?.SetStatus(ActivityStatusCode.Error, answer.Detail);
            }

            return failed(answer);
        }
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> body) => MemoryMarshal.TryGetArray(body, out var array)
        ? new(array.Array!, array.Offset, array.Count, writable: false)
        : new(body.ToArray(), writable: false);
}
