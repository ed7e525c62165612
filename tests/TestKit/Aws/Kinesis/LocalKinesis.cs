using Amazon.Runtime;
using CohortPipeline.Kinesis.Local;

namespace CohortPipeline.TestKit.Aws.Kinesis;

/// <summary>The local Kinesis in the test's own process, with a key that may call it.</summary>
public sealed class LocalKinesis : IAsyncDisposable
{
    private const string Key = "AKIATEST";
    private const string Secret = "secret/of+the=test";

    private LocalKinesis(KinesisServer server)
    {
        Server = server;
        server.Keys.Set(new(Key, Secret));
        Calls = new(server.Address, Credentials);
    }

    public KinesisServer Server { get; }

    public Uri Address => Server.Address;

    public AWSCredentials Credentials { get; } = new BasicAWSCredentials(Key, Secret);

    public KinesisCalls Calls { get; }

    /// <summary>What a service's process is told, so that it may call it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = Key,
        ["AWS_SECRET_ACCESS_KEY"] = Secret,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };

    /// <param name="options">Null: those of the service.</param>
    public static async Task<LocalKinesis> StartAsync(KinesisServerOptions? options = null) => new(await KinesisServer.StartAsync(options ?? new()));

    public async ValueTask DisposeAsync()
    {
        Calls.Dispose();
        await Server.DisposeAsync();
    }
}
