using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace Amazon.IdentityManagement;

/// <summary>
/// Configuration of <see cref="AmazonIdentityManagementServiceClient"/>: the service has one endpoint for all regions of a
/// partition, signed for one of them; <c>AWS_ENDPOINT_URL_IAM</c> names another.
/// </summary>
public sealed class AmazonIdentityManagementServiceConfig : ClientConfig, IEndpointProvider
{
    private const string SigningName = "iam";

    /// <param name="partition"><c>aws</c>, <c>aws-cn</c> or <c>aws-us-gov</c>.</param>
    public AmazonIdentityManagementServiceConfig(string partition)
        : base(new DefaultConfigurationProvider([new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard }]))
    {
        AuthenticationServiceName = SigningName;
        ServiceId = AmazonIdentityManagementServiceClient.Id;
        EndpointProvider = this;
        RegionEndpoint = RegionEndpoint.GetBySystemName(RegionOf(partition));
        AuthenticationRegion = RegionEndpoint.SystemName;
    }

    public override string RegionEndpointServiceName => SigningName;

    public override string ServiceVersion => "2010-05-08";

    public override string UserAgent => "cohort-pipeline";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => ResolveEndpoint(new());

    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        if (!string.IsNullOrEmpty(ServiceURL))
            return new(ServiceURL);
        return new(RegionEndpoint.SystemName switch
        {
            "cn-north-1" => "https://iam.cn-north-1.amazonaws.com.cn/",
            "us-gov-west-1" => "https://iam.us-gov.amazonaws.com/",
            _ => "https://iam.amazonaws.com/",
        });
    }

    private static string RegionOf(string partition) => partition switch
    {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
}
