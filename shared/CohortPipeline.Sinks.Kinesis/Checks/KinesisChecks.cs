using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Sinks.Kinesis.Checks;

/// <summary>Lets control check Kinesis destinations.</summary>
public static class KinesisChecks
{
    public static void AddKinesisChecks(this IServiceCollection services) => services.AddSingleton(provider => new DestinationChecker(
        KinesisDestination.SinkName,
        (destination, send, cancellation) => new KinesisCheck((KinesisDestination)destination, provider.GetRequiredService<TimeProvider>()).RunAsync(send, cancellation)));
}
