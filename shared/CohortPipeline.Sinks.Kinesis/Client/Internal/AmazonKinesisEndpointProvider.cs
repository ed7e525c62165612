using Amazon.Runtime.Endpoints;

namespace Amazon.Kinesis.Internal;

/// <summary>The region's endpoint, or the one that the configuration (or <c>AWS_ENDPOINT_URL_KINESIS</c>) names.</summary>
internal sealed class AmazonKinesisEndpointProvider(AmazonKinesisConfig config) : IEndpointProvider
{
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        if (!string.IsNullOrEmpty(config.ServiceURL))
            return new(config.ServiceURL);
        var region = config.RegionEndpoint;
        return new($"https://kinesis.{region.SystemName}.{region.PartitionDnsSuffix}/");
    }
}
