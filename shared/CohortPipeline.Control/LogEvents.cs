using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

internal static partial class LogEvents
{
    [LoggerMessage(4000, LogLevel.Warning, "Cohort counts wait for the log: {Reason}. Asking again in {Seconds:0.0} s.")]
    public static partial void CountsWait(ILogger logger, string reason, double seconds);

    [LoggerMessage(4001, LogLevel.Information, "Change set {Change} was written: {Cohorts}.")]
    public static partial void ChangeSetWritten(ILogger logger, string change, string cohorts);

    [LoggerMessage(4002, LogLevel.Information, "Destination {Destination} was {Change}.")]
    public static partial void DestinationWritten(ILogger logger, string destination, string change);

    [LoggerMessage(4003, LogLevel.Information, "Published {Records} records of {File} to {Topic}; {Bad} lines were no records.")]
    public static partial void Published(ILogger logger, string file, string topic, long records, long bad);

    [LoggerMessage(4004, LogLevel.Information, "Wrote the final watermark {Until}.")]
    public static partial void FinalWatermark(ILogger logger, string until);

    [LoggerMessage(4005, LogLevel.Warning, "What the sinks tell of their destinations waits for the log: {Reason}. Asking again in {Seconds:0.0} s.")]
    public static partial void SinksUnheard(ILogger logger, string reason, double seconds);
}
