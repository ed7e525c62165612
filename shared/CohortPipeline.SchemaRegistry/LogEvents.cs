using Microsoft.Extensions.Logging;

namespace CohortPipeline.SchemaRegistry;

internal static partial class LogEvents
{
    [LoggerMessage(2100, LogLevel.Information, "Schema {Subject} is registered with id {Id}")]
    public static partial void Registered(ILogger logger, string subject, int id);

    [LoggerMessage(2101, LogLevel.Error, "The schema registry refuses {Subject}: {Reason}. Readers that look there will not find what this version writes: look at the subject's compatibility level and at what is registered")]
    public static partial void Refused(ILogger logger, string subject, string reason);

    [LoggerMessage(2102, LogLevel.Warning, "The schema registry does not answer: {Reason}. Trying again in {Wait}; the pipeline goes on without")]
    public static partial void Unavailable(ILogger logger, string reason, TimeSpan wait);
}
