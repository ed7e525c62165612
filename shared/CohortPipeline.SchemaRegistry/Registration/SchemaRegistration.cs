using System.Net.Sockets;
using Confluent.SchemaRegistry;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.SchemaRegistry;

/// <summary>
/// Registers the published JSON Schemas of our public topics as <c>&lt;topic&gt;-value</c>, so that readers find them where
/// they look. Nothing waits for it: a registry that is away is asked again, one that refuses is reported.
/// </summary>
internal sealed class SchemaRegistration(SchemaRegistryOptions options, PipelineOptions pipeline, TimeProvider time, ILogger<SchemaRegistration> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var client = new CachedSchemaRegistryClient(Settings());
        foreach (var (topic, schema) in TopicSchemas.Of(pipeline.Topics()))
            await Register(client, $"{topic.Name}-value", schema, stoppingToken);
    }

    private async Task Register(CachedSchemaRegistryClient client, string subject, string schema, CancellationToken stop)
    {
        for (var attempt = 0; !stop.IsCancellationRequested; attempt++)
        {
            try
            {
                var id = await client.RegisterSchemaAsync(subject, new Schema(schema, SchemaType.Json)).WaitAsync(stop);
                LogEvents.Registered(logger, subject, id);
                return;
            }
            catch (SchemaRegistryException exception) when ((int)exception.Status is >= 400 and < 500 and not 429)
            {
                LogEvents.Refused(logger, subject, exception.Message);
                return;
            }
            catch (Exception exception) when (exception is SchemaRegistryException or HttpRequestException or SocketException or TaskCanceledException && !stop.IsCancellationRequested)
            {
                var wait = Backoff.Delay(attempt, Random.Shared.NextDouble());
                LogEvents.Unavailable(logger, exception.Message, wait);
                await Task.Delay(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private SchemaRegistryConfig Settings()
    {
        var settings = new SchemaRegistryConfig { Url = options.Url, RequestTimeoutMs = (int)options.Timeout.TotalMilliseconds };
        if (options.User.Length > 0)
        {
            settings.BasicAuthCredentialsSource = AuthCredentialsSource.UserInfo;
            settings.BasicAuthUserInfo = $"{options.User}:{options.Password}";
        }

        return settings;
    }
}
