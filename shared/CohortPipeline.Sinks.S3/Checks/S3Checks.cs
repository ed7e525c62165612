using CohortPipeline.Sinks.S3.Objects;
using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Sinks.S3.Checks;

/// <summary>Lets control check S3 destinations.</summary>
public static class S3Checks
{
    public static void AddS3Checks(this IServiceCollection services) => services.AddSingleton(provider => new DestinationChecker(
        S3Destination.SinkName,
        async (destination, send, cancellation) =>
        {
            using var store = new ObjectStores(provider.GetRequiredService<TimeProvider>()).Open((S3Destination)destination);
            return await new S3Check((S3Destination)destination, store).RunAsync(send, cancellation).ConfigureAwait(false);
        }));
}
