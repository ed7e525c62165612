using Amazon.Kinesis.Internal;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace Amazon.Kinesis;

/// <summary>Configuration of <see cref="AmazonKinesisClient"/>.</summary>
public sealed class AmazonKinesisConfig : ClientConfig
{
    private const string SigningName = "kinesis";

    /// <summary>What is given to the connection at once; the SDK's 8 KiB make two dozen of a call.</summary>
    private const int SendBufferBytes = 128 * 1024;

    public AmazonKinesisConfig()
        : base(new DefaultConfigurationProvider([new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard }]))
    {
        AuthenticationServiceName = SigningName;
        BufferSize = SendBufferBytes;
        ServiceId = AmazonKinesisMetadata.Id;
        EndpointProvider = new AmazonKinesisEndpointProvider(this);
    }

    public override string RegionEndpointServiceName => SigningName;

    public override string ServiceVersion => "2013-12-02";

    public override string UserAgent => "cohort-pipeline";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => EndpointProvider.ResolveEndpoint(new());
}
