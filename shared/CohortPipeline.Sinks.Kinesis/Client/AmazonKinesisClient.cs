using Amazon.Kinesis.Internal;
using Amazon.Kinesis.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Amazon.Kinesis;

/// <summary>Client of Amazon Kinesis Data Streams on the SDK core's pipeline: its credentials, signing, HTTP and errors.</summary>
/// <remarks>The names are those of the SDK's own package, which makes several objects a record; this one makes none.</remarks>
public sealed class AmazonKinesisClient : AmazonServiceClient
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

    /// <exception cref="AmazonKinesisException">The call as a whole was refused.</exception>
    internal Task<PutRecordsResponse> PutRecordsAsync(PutRecordsRequest request, CancellationToken cancellationToken)
    {
        var options = new InvokeOptions
        {
            RequestMarshaller = PutRecordsRequestMarshaller.Instance,
            ResponseUnmarshaller = new PutRecordsResponseUnmarshaller(request.Results),
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
