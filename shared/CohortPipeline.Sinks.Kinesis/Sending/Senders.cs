using Amazon;
using Amazon.Kinesis;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Opens what a destination's requests go through. Calls nobody yet.</summary>
internal static class Senders
{
    /// <summary>Long enough for 5 MiB on a slow line, short enough for the drain.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    public static IRecordSender Open(KinesisDestination destination, TimeProvider time, ILogger logger)
    {
        if (destination.Endpoint is { Folder: { } folder })
            return new FileSender(folder, destination.Id);

        var config = ConfigOf(destination);
        if (destination.RoleArn is null)
            return new KinesisSender(new AmazonKinesisClient(config), destination, null);
        var role = RoleOf(destination, ExternalIdOf(destination));
        var session = new SessionCredentials(role, time, logger);
        return new KinesisSender(new AmazonKinesisClient(session.Credentials, config), destination, session);
    }

    /// <summary>The destination's role, assumed with any external id; null: with none.</summary>
    public static AssumedRole RoleOf(KinesisDestination destination, string? externalId) =>
        new(new AmazonSecurityTokenServiceClient(StsConfigOf(destination)), destination.RoleArn!, destination.Id, externalId);

    /// <summary>Null where it is switched off.</summary>
    public static string? ExternalIdOf(KinesisDestination destination) =>
        destination.ExternalId is null or KinesisDestination.NoExternalId ? null : destination.ExternalId;

    private static AmazonKinesisConfig ConfigOf(KinesisDestination destination)
    {
        var config = new AmazonKinesisConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(destination.Region),
            AuthenticationRegion = destination.Region,
        };
        if (destination.Endpoint?.Server is { } server)
            config.ServiceURL = server.ToString();
        Bound(config);
        return config;
    }

    private static AmazonSecurityTokenServiceConfig StsConfigOf(KinesisDestination destination)
    {
        var config = new AmazonSecurityTokenServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(destination.Region) };
        Bound(config);
        return config;
    }

    /// <summary>
    /// Retries are the sink's, which alone knows what must not overtake what. A connection that ends without an answer is one
    /// more attempt too: what was sent may be stored, and the SDK would send it again three times beside its other retries.
    /// </summary>
    internal static void Bound(ClientConfig config)
    {
        config.MaxErrorRetry = 0;
        config.MaxStaleConnectionRetries = 0;
        config.ThrottleRetries = false;
        config.Timeout = CallTimeout;
        config.ConnectTimeout = ConnectTimeout;
    }
}
