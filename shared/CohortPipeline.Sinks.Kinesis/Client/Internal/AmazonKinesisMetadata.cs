using Amazon.Runtime.Internal;

namespace Amazon.Kinesis.Internal;

internal sealed class AmazonKinesisMetadata : IServiceMetadata
{
    public const string Id = "Kinesis";

    public string ServiceId => Id;

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
}
