using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Reads a request, has it checked and carried out, and answers: the one place that knows of HTTP.</summary>
internal sealed class RequestHandler(KinesisServerOptions options, SignatureCheck signatures, StreamOperations operations, StreamTable streams, CancellationToken stopping)
{
    private const string TargetPrefix = "Kinesis_20131202.";
    private const string ContentType = "application/x-amz-json-1.1";
    private const string PutRecord = "PutRecord";
    private const string PutRecords = "PutRecords";
    private const int FirstReadBytes = 64 * 1024;

    private long _puts;

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        var (buffer, length) = await ReadBodyAsync(context.Request, context.RequestAborted);
        try
        {
            Authenticate(context.Request, buffer.AsSpan(0, length));
            var operation = OperationOf(context.Request);
            if (operation is PutRecord or PutRecords)
                await PutAsync(context, operation, buffer.AsMemory(0, length));
            else
                await RunAsync(context.Response, operation, buffer.AsMemory(0, length));
        }
        catch (KinesisErrorException exception)
        {
            await AnswerAsync(context.Response, exception.Error);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reader's own word for text that is no Unicode is InvalidOperationException.
            await AnswerAsync(context.Response, KinesisError.Serialization(exception.Message));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Authenticate(HttpRequest request, ReadOnlySpan<byte> body)
    {
        var signed = new SignedRequest(request.Method, request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0], request.QueryString.Value?.TrimStart('?') ?? "", request.Headers, body);
        if (signatures.Check(signed, options.Time.GetUtcNow()) is { } error)
            throw error.Thrown();
    }

    private static string OperationOf(HttpRequest request)
    {
        var target = request.Headers["X-Amz-Target"].ToString();
        return HttpMethods.IsPost(request.Method) && target.StartsWith(TargetPrefix, StringComparison.Ordinal)
            ? target[TargetPrefix.Length..]
            : throw KinesisError.UnknownOperation.Thrown();
    }

    private async Task RunAsync(HttpResponse response, string operation, ReadOnlyMemory<byte> body)
    {
        var answer = new ArrayBufferWriter<byte>();
        using (var document = JsonDocument.Parse(body))
        using (var writer = new Utf8JsonWriter(answer))
            operations.Run(operation, document.RootElement, writer, Now());
        await AnswerAsync(response, StatusCodes.Status200OK, answer.WrittenMemory);
    }

    private async Task PutAsync(HttpContext context, string operation, ReadOnlyMemory<byte> body)
    {
        using var batch = new PutBatch(body.Length);
        if (operation == PutRecords)
            PutReader.ReadRecords(body.Span, batch);
        else
            PutReader.ReadRecord(body.Span, batch);
        var stream = streams.Get(batch.StreamName, batch.StreamArn);
        if (PutLimits.Check(batch, stream.RecordBytesMax) is { } error)
            throw error.Thrown();

        var call = new PutCall(Interlocked.Increment(ref _puts), stream.Name, batch.Entries.Count, Now());
        var fate = options.Faults.OnCall(call);
        if (fate.Refusal is not null)
        {
            await Task.Delay(fate.AnsweredAfter, options.Time, context.RequestAborted);
            throw fate.Refusal.Thrown();
        }

        if (fate.StoredAfter > TimeSpan.Zero)
        {
            context.Abort();
            await Task.Delay(fate.StoredAfter, options.Time, stopping);
            call = call with { At = Now() };
        }

        var results = new PutResult[batch.Entries.Count];
        stream.Put(call, batch, options.Faults, results);
        if (fate.AnsweredAfter > TimeSpan.Zero)
            await Task.Delay(fate.AnsweredAfter, options.Time, context.RequestAborted);
        if (fate.IsUnanswered)
            context.Abort();
        else
            await AnswerPutAsync(context.Response, operation, results);
    }

    private static async Task AnswerPutAsync(HttpResponse response, string operation, PutResult[] results)
    {
        if (operation == PutRecord && results[0].Error is { } error)
            throw error.Thrown();
        Prepare(response, StatusCodes.Status200OK);
        if (operation == PutRecords)
            PutWriter.WriteRecords(response.BodyWriter, results);
        else
            PutWriter.WriteRecord(response.BodyWriter, results[0]);
        await response.BodyWriter.FlushAsync();
    }

    private static async Task AnswerAsync(HttpResponse response, KinesisError error)
    {
        var answer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(answer))
        {
            writer.WriteStartObject();
            writer.WriteString("__type"u8, error.Type);
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
        }

        await AnswerAsync(response, error.Status, answer.WrittenMemory);
    }

    private static async Task AnswerAsync(HttpResponse response, int status, ReadOnlyMemory<byte> body)
    {
        Prepare(response, status);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private static void Prepare(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = ContentType;
    }

    /// <summary>The whole body, in rented memory.</summary>
    private static async Task<(byte[] Buffer, int Length)> ReadBodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? FirstReadBytes) + 1);
        var length = 0;
        while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and var read)
        {
            length += read;
            if (length < buffer.Length)
                continue;
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return (buffer, length);
    }

    private long Now() => options.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
