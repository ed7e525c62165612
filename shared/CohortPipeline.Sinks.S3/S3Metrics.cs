using System.Diagnostics.Metrics;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Publishing;

namespace CohortPipeline.Sinks.S3;

/// <summary>Instruments of this sink, by destination.</summary>
internal static class S3Metrics
{
    private static readonly Meter Meter = new("CohortPipeline.Sinks.S3");

    private static readonly Counter<long> SyncsPublished = Meter.CreateCounter<long>("cohort.s3.syncs", "{sync}", "Syncs published: three files and their manifest.");

    private static readonly Counter<long> SyncsSkipped = Meter.CreateCounter<long>("cohort.s3.syncs.skipped", "{sync}", "Real-time boundaries of a cohort at which nobody had come or gone.");

    private static readonly Counter<long> RowsPublished = Meter.CreateCounter<long>("cohort.s3.rows", "{row}", "Rows published, by file.");

    private static readonly Counter<long> ObjectsStored = Meter.CreateCounter<long>("cohort.s3.objects", "{object}", "Objects stored; `again` for those that were there before, from the same plan.");

    private static readonly Counter<long> BytesStored = Meter.CreateCounter<long>("cohort.s3.bytes", "By", "Bytes stored.");

    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>("cohort.s3.sync.delay", "s", "From a sync's boundary to its manifest.");

    public static void Published(string destination, PublishedSync sync, TimeSpan sinceBoundary)
    {
        SyncsPublished.Add(1, Tag(destination));
        Delay.Record(sinceBoundary.TotalSeconds, Tag(destination));
        foreach (var file in sync.Files)
            RowsPublished.Add(file.Rows, Tag(destination), new("file", ObjectNames.WordOf(file.Type)));
    }

    public static void Skipped(string destination) => SyncsSkipped.Add(1, Tag(destination));

    public static void Stored(string destination, long bytes, bool wasThereBefore)
    {
        ObjectsStored.Add(1, Tag(destination), new("again", wasThereBefore));
        BytesStored.Add(wasThereBefore ? 0 : bytes, Tag(destination));
    }

    private static KeyValuePair<string, object?> Tag(string destination) => new("cohort.destination.id", destination);
}
