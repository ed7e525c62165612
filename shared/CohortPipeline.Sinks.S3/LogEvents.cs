using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.S3;

internal static partial class LogEvents
{
    [LoggerMessage(5200, LogLevel.Information, "Destination {Destination}: partition {Partition} is ours; its cohorts are read from offset {Offset}.")]
    public static partial void Assigned(ILogger logger, string destination, int partition, long offset);

    [LoggerMessage(5201, LogLevel.Information, "Destination {Destination}: partition {Partition} went to another instance.")]
    public static partial void Removed(ILogger logger, string destination, int partition);

    [LoggerMessage(5202, LogLevel.Information, "Destination {Destination}: published {Cohort} as of {Boundary}: {Entering} entering, {Exiting} exiting, {Existing} existing.")]
    public static partial void Published(ILogger logger, string destination, string cohort, string boundary, long entering, long exiting, long existing);

    [LoggerMessage(5203, LogLevel.Warning, "Destination {Destination}: {Key} was not stored, {Code}: {Detail}. It is tried again.")]
    public static partial void Failed(ILogger logger, string destination, string key, string code, string detail);

    [LoggerMessage(5204, LogLevel.Error, "Destination {Destination} is parked, {Code}: {Detail}. It is tried again with back-off and goes on by itself once that is put right; nothing is lost meanwhile.")]
    public static partial void Parked(ILogger logger, string destination, string code, string detail);

    [LoggerMessage(5205, LogLevel.Information, "Destination {Destination} accepts again.")]
    public static partial void Unparked(ILogger logger, string destination);

    [LoggerMessage(5206, LogLevel.Warning, "Destination {Destination} starts over from what is committed: {Reason}. Next attempt in {Seconds:0.0} s.")]
    public static partial void StartingOver(ILogger logger, string destination, string reason, double seconds);

    [LoggerMessage(5207, LogLevel.Error, "Destination {Destination} does not add up and publishes nothing: {Reason}. Next attempt in {Seconds:0.0} s.")]
    public static partial void InvariantBroken(ILogger logger, string destination, string reason, double seconds);

    [LoggerMessage(5208, LogLevel.Warning, "Destination {Destination}: {Rows} rows of {Cohort} hold texts that a spreadsheet would run as formulas; they are dead letters.")]
    public static partial void RowsRefused(ILogger logger, string destination, long rows, string cohort);

    [LoggerMessage(5209, LogLevel.Warning, "Destination {Destination}: the last sync of {Cohort} is older than what `memberships` tells for sure. The next one is a resync: everyone in entering.")]
    public static partial void Resyncs(ILogger logger, string destination, string cohort);
}
