using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using CohortPipeline.Sinks.S3.Publishing;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// Opens the store that a destination names: a bucket of AWS, a server that speaks S3's protocol (path style), or a folder.
/// Credentials are those of the SDK's default chain, unless some are given.
/// </summary>
public sealed class ObjectStores(TimeProvider clock, AWSCredentials? credentials = null) : IObjectStoreFactory
{
    public IObjectStore Open(S3Destination destination)
    {
        if (destination.Endpoint is { Folder: { } folder })
            return new FileObjectStore(folder);

        var settings = new AmazonS3Config
        {
            // Retries are the sink's own: it knows what may have been stored. A connection that ends without an answer is one
            // more attempt too, which the SDK would make three times beside its other retries.
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            Timeout = PublishingLimits.AttemptTimeout,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        };
        if (destination.Endpoint is { Server: { } server })
        {
            settings.ServiceURL = server.ToString();
            settings.ForcePathStyle = true;
            settings.AuthenticationRegion = destination.Region;
        }
        else
        {
            settings.RegionEndpoint = RegionEndpoint.GetBySystemName(destination.Region);
        }

        var client = credentials is null ? new AmazonS3Client(settings) : new AmazonS3Client(credentials, settings);
        return new S3ObjectStore(client, destination.Bucket, clock, PublishingLimits.AttemptTimeout);
    }
}
