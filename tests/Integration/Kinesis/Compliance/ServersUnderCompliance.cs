using Amazon.Runtime;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Aws.Kinesis;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis.Compliance;

/// <summary>Ours; its shards take any rate here, as those of the others do.</summary>
public sealed class LocalKinesisComplianceTests : StrictKinesisComplianceTests
{
    private LocalKinesis _kinesis = null!;

    [Fact]
    public Task Children_take_their_parents_keys() => ChildrenTakeTheirParentsKeysAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _kinesis.DisposeAsync();
    }

    protected override async Task<(Uri Server, AWSCredentials Credentials)> ServerAsync()
    {
        _kinesis = await LocalKinesis.StartAsync(new() { Rate = null });
        return (_kinesis.Address, _kinesis.Credentials);
    }
}

/// <summary>At a split it moves records, and goes on putting into the shard that it closed.</summary>
public sealed class MotoComplianceTests(SharedMoto moto) : StrictKinesisComplianceTests
{
    protected override async Task<(Uri Server, AWSCredentials Credentials)> ServerAsync() => ((await moto.ServerAsync()).Address, new BasicAWSCredentials("anybody", "anything"));
}

/// <summary>It counts neither records nor bytes as the service does, and splits anywhere.</summary>
public sealed class KinesisMockComplianceTests(SharedKinesisMock mock) : KinesisComplianceTests
{
    [Fact]
    public Task Children_take_their_parents_keys() => ChildrenTakeTheirParentsKeysAsync();

    protected override async Task<(Uri Server, AWSCredentials Credentials)> ServerAsync() => (await mock.AddressAsync(), new BasicAWSCredentials("anybody", "anything"));
}
