using Microsoft.Extensions.Logging;

namespace CohortPipeline.Hosting;

internal static partial class LogEvents
{
    [LoggerMessage(6000, LogLevel.Warning, "The log is not there yet: {Reason}. Asking again in {Seconds:0.0} s.")]
    public static partial void LogUnavailable(ILogger logger, string reason, double seconds);

    [LoggerMessage(6001, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions.")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(6002, LogLevel.Error, "Refusing to work on topics that contradict this pipeline's settings: {Errors} The process stops.")]
    public static partial void TopicsRefused(ILogger logger, string errors);

    [LoggerMessage(6003, LogLevel.Error, "{Worker} failed and the process stops: {Reason} What was committed stands; start it again once the cause is gone.")]
    public static partial void WorkerFailed(ILogger logger, Exception exception, string worker, string reason);

    [LoggerMessage(6004, LogLevel.Information, "{Service} was told to stop while it was still starting, and ends")]
    public static partial void StoppedWhileStarting(ILogger logger, string service);
}
