using System.Text;
using Amazon.Kinesis;
using Amazon.Runtime;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws;

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
        var progress = new PartitionProgress(new("deltas", 0), 0, CommittedPosition.None, new());
        return new(1, [.. records.Select((record, place) => new OutboundRecord(record.Data, record.Key, Encoding.UTF8.GetByteCount(record.Key), [(ulong)place], progress, []) { HappenedAt = 0 })], 0);
    }

    /// <summary>With the bounds of the product.</summary>
    public static AmazonKinesisClient Client(Uri server, AWSCredentials credentials)
    {
        var config = new AmazonKinesisConfig { ServiceURL = server.ToString(), AuthenticationRegion = MotoServer.Region };
        Senders.Bound(config);
        return new(credentials, config);
    }
}
