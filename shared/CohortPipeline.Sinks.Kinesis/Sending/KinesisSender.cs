using Amazon.Kinesis;
using Amazon.Runtime;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Sends requests as PutRecords of a stream.</summary>
/// <param name="client">Owned: disposed of with the sender.</param>
/// <param name="destination">Names the stream.</param>
/// <param name="session">The assumed role, owned; null where the client has credentials of its own.</param>
internal sealed class KinesisSender(AmazonKinesisClient client, KinesisDestination destination, SessionCredentials? session) : IRecordSender
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
        var body = PutRecordsBody.Write(request, destination);
        await client.PutRecordsAsync(new(body.Memory, request.Results), cancellation);
        body.Return();
        return request.Results.Count == request.Records.Count
            ? DeliveryResponse.Answered(request.Results)
            : DeliveryResponse.Failed(FailureKind.Transient, "BadAnswer", $"{Operation}: {request.Records.Count} records were sent, {request.Results.Count} answered");
    }
}
