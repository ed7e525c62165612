using Amazon.S3;
using Amazon.S3.Model;
using CohortPipeline.TestKit.Aws;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// Streams and a bucket on real servers. Each Kinesis destination has a role of its own, made from the policies that the
/// pipeline prints for it; the sink's user may do nothing but assume it, and the server checks signatures, sessions and rights.
/// </summary>
internal sealed class ServerOutput : ISinkOutput, IAsyncDisposable
{
    private const string BucketRegion = "us-east-1";
    private const int ShardsOfKeys = 3;

    /// <summary>A user's records under random keys have an order within a shard alone.</summary>
    private const int ShardsOfRandomKeys = 1;

    private readonly MotoServer _moto;
    private readonly RequestGate _streams;
    private readonly AmazonS3Client _s3;
    private readonly CustomerAccount _account;
    private readonly AccessKey _user;
    private readonly string _bucket;
    private readonly Dictionary<string, byte[]> _objects = [];

    private ServerOutput(MotoServer moto, RequestGate streams, RequestGate objects, Uri s3, AccessKey user, string bucket)
    {
        _moto = moto;
        _streams = streams;
        Objects = objects;
        _account = new(moto.Calls);
        _user = user;
        _bucket = bucket;
        _s3 = new(VersityGateway.Credentials, new AmazonS3Config { ServiceURL = s3.ToString(), ForcePathStyle = true, AuthenticationRegion = BucketRegion });
    }

    /// <summary>What stands before the bucket.</summary>
    public RequestGate Objects { get; }

    public string Bucket => $"""
        bucket: {_bucket}
        region: {BucketRegion}
        endpoint: {Objects.Address}
        """;

    public static async Task<ServerOutput> StartAsync(VersityGateway gateway, CancellationToken cancellation)
    {
        var s3 = await gateway.AddressAsync();
        var moto = await MotoServer.StartAsync(unauthorizedCalls: int.MaxValue);
        foreach (var destination in ShopDestinations.Streams)
            await moto.Calls.CreateStreamAsync(destination, destination == ShopDestinations.ProfileTriggers ? ShardsOfRandomKeys : ShardsOfKeys, cancellation);
        var user = await new CustomerAccount(moto.Calls).CreateUserAsync(cancellation);
        var bucket = $"shop-{Guid.NewGuid():n}";
        gateway.CreateBucket(bucket);
        // The server loses records of one shard that come at the same time.
        return new(moto, await RequestGate.StartAsync(moto.Address, isOneAtATime: true), await RequestGate.StartAsync(s3), s3, user, bucket);
    }

    /// <summary>What a service of the pipeline finds in its environment.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(string service)
    {
        var key = service == KafkaServices.S3Sink ? new AccessKey(VersityGateway.AccessKey, VersityGateway.SecretKey) : _user;
        return new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = key.Id,
            ["AWS_SECRET_ACCESS_KEY"] = key.Secret,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_ENDPOINT_URL_STS"] = _streams.Address.ToString(),
        };
    }

    public string StreamOf(string destination) => $"""
        stream: {destination}
        region: {MotoServer.Region}
        role_arn: {CustomerAccount.RoleArn(destination)}
        endpoint: {_streams.Address}
        """;

    /// <summary>Adds the destinations and does what their owner does then. No call of a sink comes before that is done and checked.</summary>
    public async Task AddDestinationsAsync(ControlApi control, CancellationToken cancellation)
    {
        var calls = _streams.Hold("POST", "/");
        foreach (var destination in ShopDestinations.Definitions(this))
            await control.AddDestinationAsync(destination, cancellation);
        foreach (var destination in ShopDestinations.Streams)
        {
            var policies = await control.PoliciesAsync(destination, CustomerAccount.Id, cancellation);
            await _account.CreateRoleAsync(destination, policies[0], policies[1], cancellation);
        }

        await _moto.Calls.CheckAuthorizationAsync(0, cancellation);
        calls.LetThrough();
    }

    public async Task<IReadOnlyList<SentRecord>> RecordsAsync(string destination, CancellationToken cancellation)
    {
        // What the test reads is signed in nobody's name; by now everything is sent.
        await _moto.Calls.CheckAuthorizationAsync(int.MaxValue, cancellation);
        return [.. (await _moto.Calls.ReadStreamAsync(destination, cancellation)).Select(record => new SentRecord(record.PartitionKey, record.Data))];
    }

    /// <summary>An object never changes, and is fetched once.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> ObjectsAsync(CancellationToken cancellation)
    {
        await foreach (var found in _s3.Paginators.ListObjectsV2(new() { BucketName = _bucket, Prefix = $"{ShopDestinations.ObjectPath}/" }).S3Objects.WithCancellation(cancellation))
        {
            var name = found.Key[(ShopDestinations.ObjectPath.Length + 1)..];
            if (!_objects.ContainsKey(name))
                _objects[name] = await FetchAsync(found.Key, cancellation);
        }

        return _objects;
    }

    public async ValueTask DisposeAsync()
    {
        _s3.Dispose();
        await Objects.DisposeAsync();
        await _streams.DisposeAsync();
        await _moto.DisposeAsync();
    }

    private async Task<byte[]> FetchAsync(string key, CancellationToken cancellation)
    {
        using var response = await _s3.GetObjectAsync(new GetObjectRequest { BucketName = _bucket, Key = key }, cancellation);
        using var body = new MemoryStream();
        await response.ResponseStream.CopyToAsync(body, cancellation);
        return body.ToArray();
    }
}
