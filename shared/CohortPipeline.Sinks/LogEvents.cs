using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks;

internal static partial class LogEvents
{
    [LoggerMessage(5000, LogLevel.Information, "Destination {Destination} ({Sink}) starts")]
    public static partial void Starting(ILogger logger, string destination, string sink);

    [LoggerMessage(5001, LogLevel.Information, "Destination {Destination} has drained and stopped")]
    public static partial void Stopped(ILogger logger, string destination);

    [LoggerMessage(5002, LogLevel.Warning, "Destination {Destination}: the log does not answer: {Reason}. Starting again in {Seconds:0.0} s")]
    public static partial void LogUnavailable(ILogger logger, string destination, string reason, double seconds);

    [LoggerMessage(5003, LogLevel.Warning, "Destination {Destination}: another instance has taken over: {Reason}. Joining again in {Seconds:0.0} s")]
    public static partial void Fenced(ILogger logger, string destination, string reason, double seconds);

    [LoggerMessage(5004, LogLevel.Error, "Destination {Destination} cannot be read from the topic of destinations and is not served: {Reason}. Add it again")]
    public static partial void Unreadable(ILogger logger, string destination, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "The log does not answer: {Reason}. Reading the destinations again in {Seconds:0.0} s")]
    public static partial void TableUnavailable(ILogger logger, string reason, double seconds);

    [LoggerMessage(5006, LogLevel.Warning, "Destination {Destination}, which this process is to serve, is not there: waiting for it")]
    public static partial void Missing(ILogger logger, string destination);

    [LoggerMessage(5007, LogLevel.Error, "Destination {Destination} is of sink {Found}, but this process serves {Expected}: set Sink__Destination to another one, or run the other service")]
    public static partial void WrongSink(ILogger logger, string destination, string found, string expected);

    [LoggerMessage(5008, LogLevel.Warning, "How the destinations stand cannot be told to control-api: {Reason}. Delivery goes on; it is told later. (Times since this was said last: {Times})")]
    public static partial void StandingUntold(ILogger logger, string reason, long times);
}
