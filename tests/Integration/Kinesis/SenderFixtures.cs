using System.Text;
using Amazon.Kinesis;
using Amazon.Runtime;
using Amazon.SecurityToken;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>Definitions and requests that the tests of this folder share.</summary>
internal static class SenderFixtures
{
    public static KinesisDestination Destination(string stream, Uri server, string more = "")
    {
        var reading = DestinationText.Read($"id: ads\nsink: kinesis\ncohorts: [\"*\"]\nregion: {MotoServer.Region}\nstream: {stream}\nendpoint: {server}\nformat: amplitude-cohort\n{more}");
        return reading.IsValid ? (KinesisDestination)reading.Destinations[0] : throw new InvalidOperationException(string.Join("; ", reading.Errors));
    }

    public static DeliveryRequest Request(params (string Key, byte[] Data)[] records)
    {
        var request = new DeliveryRequest();
        request.Start(1, 0);
        foreach (var (key, data) in records)
        {
            var record = new OutboundRecord();
            record.Fill(new(new("deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new()), Encoding.UTF8.GetBytes(key), data, happenedAt: 0);
            request.Add(record);
        }

        return request;
    }

    /// <summary>What became of each record: null where it was accepted.</summary>
    public static IEnumerable<string?>? Codes(this DeliveryResponse response) => response.Entries?.Select(entry => entry.Code);

    /// <summary>With the bounds of the product.</summary>
    public static AmazonKinesisClient Client(Uri server, AWSCredentials credentials)
    {
        var config = new AmazonKinesisConfig { ServiceURL = server.ToString(), AuthenticationRegion = MotoServer.Region };
        Senders.Bound(config);
        return new(credentials, config);
    }

    /// <summary>A sender that assumes the destination's role.</summary>
    public static KinesisSender Sender(Uri sts, Uri kinesis, KinesisDestination destination, AWSCredentials own, string externalId, TimeProvider? time = null)
    {
        var client = new AmazonSecurityTokenServiceClient(own, new AmazonSecurityTokenServiceConfig { ServiceURL = sts.ToString(), AuthenticationRegion = MotoServer.Region, MaxErrorRetry = 0 });
        var role = new AssumedRole(client, destination.RoleArn ?? "arn:aws:iam::111111111111:role/W", destination.Id, externalId);
        var session = new SessionCredentials(role, time ?? TimeProvider.System, NullLogger.Instance);
        return new(Client(kinesis, session.Credentials), destination, session);
    }
}
