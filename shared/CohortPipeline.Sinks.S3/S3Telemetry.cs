using System.Diagnostics;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.S3;

/// <summary>Spans of this sink. A sync belongs to the traces of the rows that it publishes; where none is sampled there is no span.</summary>
internal static class S3Telemetry
{
    public static readonly ActivitySource Source = new("CohortPipeline.Sinks.S3");

    /// <summary>A sync of one cohort, linked to at most <see cref="MessagingSpans.LinksMax"/> of the traces that led to it.</summary>
    public static Activity? StartSync(SyncContext sync, IReadOnlyList<ActivityContext> traces)
    {
        if (traces.Count == 0 || !Source.HasListeners())
            return null;
        var links = traces.Take(MessagingSpans.LinksMax).Select(trace => new ActivityLink(trace));
        var span = Source.StartActivity(ActivityKind.Internal, parentContext: traces[0], links: links, name: $"sync {sync.CohortId}");
        span?.SetTag("cohort.destination.id", sync.DestinationId);
        span?.SetTag("cohort.id", sync.CohortId);
        return span;
    }

    /// <summary>One call of S3, within a sync's span.</summary>
    public static Activity? StartCall(string operation, string bucket)
    {
        if (Activity.Current is null)
            return null;
        var span = Source.StartActivity($"S3.{operation}", ActivityKind.Client);
        span?.SetTag("rpc.system", "aws-api");
        span?.SetTag("rpc.service", "S3");
        span?.SetTag("rpc.method", operation);
        span?.SetTag("aws.s3.bucket", bucket);
        return span;
    }
}
