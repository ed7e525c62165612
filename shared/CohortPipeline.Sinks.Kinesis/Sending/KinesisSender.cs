using System.Text.RegularExpressions;
using Amazon.Kinesis;
using Amazon.Kinesis.Model;
using Amazon.Runtime;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Sends requests as PutRecords of a stream.</summary>
/// <param name="client">Owned: disposed of with the sender.</param>
/// <param name="destination">Names the stream.</param>
/// <param name="session">The assumed role, owned; null where the client has credentials of its own.</param>
internal sealed partial class KinesisSender(IAmazonKinesis client, KinesisDestination destination, SessionCredentials? session) : IRecordSender
{
    private const string Operation = "kinesis:PutRecords";

    public async Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation)
    {
        Session? used = null;
        try
        {
            if (session is not null)
                used = await session.CurrentAsync(cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Failures.Of(exception, $"sts:AssumeRole of {destination.RoleArn}");
        }

        try
        {
            return await PutAsync(request, cancellation);
        }
        catch (AmazonServiceException exception) when (used is not null && Failures.IsExpiredToken(exception))
        {
            return await PutWithNewSession(request, used, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Failures.Of(exception, Operation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (session is not null)
            await session.DisposeAsync();
    }

    /// <summary>An expired token was not stored: it is renewed, and the same call made again, once and at once.</summary>
    private async Task<DeliveryResponse> PutWithNewSession(DeliveryRequest request, Session used, CancellationToken cancellation)
    {
        try
        {
            await session!.RenewAsync(used, cancellation);
            return await PutAsync(request, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Failures.Of(exception, Operation);
        }
    }

    private async Task<DeliveryResponse> PutAsync(DeliveryRequest request, CancellationToken cancellation)
    {
        var call = new PutRecordsRequest
        {
            StreamARN = destination.StreamArn,
            StreamName = destination.StreamArn is null ? destination.Stream : null,
            Records = new(request.Records.Count),
        };
        foreach (var record in request.Records)
            call.Records.Add(new() { Data = StreamOf(record.Data), PartitionKey = record.PartitionKey });
        var response = await client.PutRecordsAsync(call, cancellation);
        return response.Records.Count == request.Records.Count
            ? DeliveryResponse.Answered(response.Records.ConvertAll(ResultOf))
            : DeliveryResponse.Failed(FailureKind.Transient, "BadAnswer", $"{Operation}: {request.Records.Count} records were sent, {response.Records.Count} answered");
    }

    private static EntryResult ResultOf(PutRecordsResultEntry entry) =>
        string.IsNullOrEmpty(entry.ErrorCode) ? new(null, entry.ShardId) : new(entry.ErrorCode, ShardNamedIn(entry.ErrorMessage));

    /// <summary>A throttled entry names its shard in its message alone: <c>Rate exceeded for shard shardId-000000000003 in stream …</c></summary>
    private static string? ShardNamedIn(string? message) => message is not null && ShardId().Match(message) is { Success: true } found ? found.Value : null;

    [GeneratedRegex("shardId-[0-9]{12}")]
    private static partial Regex ShardId();

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> data) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data, out var segment)
            ? new(segment.Array!, segment.Offset, segment.Count, writable: false, publiclyVisible: true)
            : new(data.ToArray());
}
