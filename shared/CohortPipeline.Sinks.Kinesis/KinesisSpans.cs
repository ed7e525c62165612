using System.Diagnostics;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>One CLIENT span a PutRecords, linked to the traces of what it carries; none where nobody listens or nothing is traced.</summary>
internal static class KinesisSpans
{
    private const string Name = "Kinesis.PutRecords";

    private static readonly ActivitySource Source = new("CohortPipeline.Sinks.Kinesis");

    /// <summary>Child of the first trace and linked to all of them (at most <see cref="MessagingSpans.LinksMax"/>), so that each trace leads here.</summary>
    public static Activity? StartPutRecords(KinesisDestination destination, DeliveryRequest request)
    {
        if (!Source.HasListeners())
            return null;
        var links = request.Records
            .SelectMany(record => record.Traces)
            .Distinct()
            .Take(MessagingSpans.LinksMax)
            .Select(trace => new ActivityLink(trace))
            .ToArray();
        if (links.Length == 0)
            return null;
        var span = Source.StartActivity(ActivityKind.Client, parentContext: links[0].Context, links: links, name: Name);
        span?.SetTag("rpc.system", "aws-api");
        span?.SetTag("rpc.service", "Kinesis");
        span?.SetTag("rpc.method", "PutRecords");
        span?.SetTag("aws.kinesis.stream_name", destination.Stream);
        span?.SetTag("cloud.region", destination.Region);
        span?.SetTag("cohort.destination.id", destination.Id);
        span?.SetTag(MessagingTags.BatchCount, request.Records.Count);
        return span;
    }

    /// <summary>Marks what failed; answers the error's type, or null where everything was accepted.</summary>
    public static string? End(Activity? span, DeliveryResponse response)
    {
        if (response.Entries is not { } entries)
        {
            MessagingSpans.Fail(span, response.Code, response.Detail);
            return response.Code;
        }

        var rejected = entries.Count(entry => entry.Code is not null);
        if (rejected == 0)
            return null;
        var first = entries.First(entry => entry.Code is not null).Code!;
        span?.SetTag("cohort.rejected_count", rejected);
        MessagingSpans.Fail(span, first, $"{rejected} of {entries.Count} records were rejected");
        return first;
    }
}
