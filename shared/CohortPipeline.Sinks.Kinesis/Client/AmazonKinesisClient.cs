using Amazon.Kinesis.Internal;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Amazon.Kinesis;

/// <summary>Client of Amazon Kinesis Data Streams on the SDK core's pipeline: its credentials, signing, HTTP and errors.</summary>
public sealed class AmazonKinesisClient : AmazonServiceClient, IAmazonKinesis
{
    /// <summary>Uses the SDK's default chain of credentials.</summary>
    public AmazonKinesisClient(AmazonKinesisConfig config)
        : base(config)
    {
    }

    public AmazonKinesisClient(AWSCredentials credentials, AmazonKinesisConfig config)
        : base(credentials, config)
    {
    }

    protected override IServiceMetadata ServiceMetadata { get; } = new AmazonKinesisMetadata();

    public Task<PutRecordsResponse> PutRecordsAsync(PutRecordsRequest request, CancellationToken cancellationToken = default)
    {
        var options = new InvokeOptions
        {
            RequestMarshaller = PutRecordsRequestMarshaller.Instance,
            ResponseUnmarshaller = PutRecordsResponseUnmarshaller.Instance,
        };
        return InvokeAsync<PutRecordsResponse>(request, options, cancellationToken);
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new BaseEndpointResolver());
        pipeline.AddHandlerAfter<BaseEndpointResolver>(new AmazonKinesisAuthResolver());
    }
}
