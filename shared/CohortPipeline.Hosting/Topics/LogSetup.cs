using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Log.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Hosting;

/// <summary>The log that the options name, and the set-up of topics on it.</summary>
internal static class LogSetup
{
    public static void AddPipelineLog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Open);
        builder.Services.AddSingleton<IStartCheck, LogCheck>();
        builder.Services.AddSingleton<TopicSetup>();
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredService<TopicSetup>());
        builder.Services.AddHealthChecks().AddCheck<TopicSetup>("topics");
    }

    /// <summary>
    /// Settings of librdkafka. Shells cannot export names with dots and some upper-case theirs, so that
    /// <c>Kafka__bootstrap_servers</c> and <c>KAFKA__BOOTSTRAP_SERVERS</c> name <c>bootstrap.servers</c> too.
    /// </summary>
    internal static IEnumerable<KeyValuePair<string, string?>> KafkaProperties(IConfiguration configuration) =>
        configuration.GetSection(KafkaSettings.Section).GetChildren()
            .Select(child => KeyValuePair.Create(PropertyName(child.Key), child.Value))
            .DistinctBy(property => property.Key);

#pragma warning disable CA1308 // librdkafka's names are lower case; nothing is compared by them.
    private static string PropertyName(string key) => key.ToLowerInvariant().Replace('_', '.');
#pragma warning restore CA1308

    private static ILog Open(IServiceProvider services)
    {
        var options = services.GetRequiredService<PipelineOptions>();
        var time = services.GetRequiredService<TimeProvider>();
        return options.Log == LogKind.Embedded
            ? EmbeddedLog.Open(options.Data, time, new() { FileBytesMax = options.DataBytesMax })
            : new KafkaLog(KafkaSettings.Parse(KafkaProperties(services.GetRequiredService<IConfiguration>()), options.BufferBytes), services.GetRequiredService<ILoggerFactory>(), time);
    }

    /// <summary>The settings of the log, and that an embedded one can be opened: one process has it at a time.</summary>
    private sealed class LogCheck : IStartCheck
    {
        public IEnumerable<string> Errors(IServiceProvider services)
        {
            var options = services.GetRequiredService<PipelineOptions>();
            if (options.Log == LogKind.Kafka)
                return KafkaSettings.Check(KafkaProperties(services.GetRequiredService<IConfiguration>()));
            try
            {
                services.GetRequiredService<ILog>();
                return [];
            }
            catch (Exception exception) when (exception is LogException or LogUnavailableException)
            {
                return [$"Pipeline:Data is `{options.Data}`: {exception.Message}"];
            }
        }
    }
}
