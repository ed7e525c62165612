using System.Diagnostics.Metrics;

namespace CohortPipeline.Sinks;

/// <summary>What all sinks count, by destination. Received = accepted + dead-lettered + filtered + in flight, whenever it is looked at.</summary>
public static class SinksMetrics
{
    private const string DestinationTag = "cohort.destination.id";
    private const string SinkTag = "cohort.destination.sink";
    private const string CodeTag = "error.type";

    private static readonly Meter Meter = new("CohortPipeline.Sinks");

    private static readonly UpDownCounter<long> ReceivedRecords = Meter.CreateUpDownCounter<long>("cohort.sink.received", "{record}", "Records taken in, less those given back at a rebalance.");

    private static readonly Counter<long> AcceptedRecords = Meter.CreateCounter<long>("cohort.sink.accepted", "{record}", "Records that the destination has.");

    private static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("cohort.sink.dead_lettered", "{record}", "Records that the destination can never take.");

    private static readonly Counter<long> FilteredRecords = Meter.CreateCounter<long>("cohort.sink.filtered", "{record}", "Records that this destination did not ask for.");

    private static readonly UpDownCounter<long> RecordsInFlight = Meter.CreateUpDownCounter<long>("cohort.sink.in_flight", "{record}", "Records taken in and not yet accepted.");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("cohort.sink.retries", "{retry}", "Requests or entries of requests to be sent again, by the destination's own code.");

    private static readonly UpDownCounter<long> ParkedDestinations = Meter.CreateUpDownCounter<long>("cohort.sink.parked", "{destination}", "Destinations that refuse and are tried again with back-off.");

    /// <summary>Counts what has to be sent again; <paramref name="code"/> is the destination's own word for why, such as <c>ProvisionedThroughputExceededException</c>.</summary>
    public static void Retried(string destinationId, string code, long count) =>
        Retries.Add(count, new(DestinationTag, destinationId), new(CodeTag, code));

    internal static void Count(string destinationId, SinkCounts before, SinkCounts after)
    {
        var tag = new KeyValuePair<string, object?>(DestinationTag, destinationId);
        ReceivedRecords.Add(after.Received - before.Received, tag);
        AcceptedRecords.Add(after.Accepted - before.Accepted, tag);
        DeadLetters.Add(after.DeadLettered - before.DeadLettered, tag);
        FilteredRecords.Add(after.Filtered - before.Filtered, tag);
        RecordsInFlight.Add(after.InFlight - before.InFlight, tag);
    }

    internal static void Parked(string destinationId, string sink, int change) =>
        ParkedDestinations.Add(change, new(DestinationTag, destinationId), new(SinkTag, sink));
}
