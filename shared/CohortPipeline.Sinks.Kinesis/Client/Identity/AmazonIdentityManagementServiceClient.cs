using Amazon.IdentityManagement.Internal;
using Amazon.IdentityManagement.Model;
using Amazon.Kinesis.Internal;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Amazon.IdentityManagement;

/// <summary>Client of AWS Identity and Access Management on the SDK core's pipeline: the one call that a check makes.</summary>
public sealed class AmazonIdentityManagementServiceClient(AWSCredentials credentials, AmazonIdentityManagementServiceConfig config) : AmazonServiceClient(credentials, config)
{
    internal const string Id = "IAM";

    protected override IServiceMetadata ServiceMetadata { get; } = new Metadata();

    public Task<SimulatePrincipalPolicyResponse> SimulatePrincipalPolicyAsync(SimulatePrincipalPolicyRequest request, CancellationToken cancellationToken = default)
    {
        var options = new InvokeOptions
        {
            RequestMarshaller = SimulatePrincipalPolicyRequestMarshaller.Instance,
            ResponseUnmarshaller = SimulatePrincipalPolicyResponseUnmarshaller.Instance,
        };
        return InvokeAsync<SimulatePrincipalPolicyResponse>(request, options, cancellationToken);
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new BaseEndpointResolver());
        pipeline.AddHandlerAfter<BaseEndpointResolver>(new AmazonKinesisAuthResolver());
    }

    private sealed class Metadata : IServiceMetadata
    {
        public string ServiceId => Id;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
    }
}
