using CohortPipeline.Hosting;
using CohortPipeline.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

public static class LaneHosting
{
    /// <summary>Adds the lanes of a service: they start once the topics are there, and <c>/health</c> has a check of this name.</summary>
    public static void AddLanes(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, LaneOptions> options, Func<IServiceProvider, ILogReader, ILaneProcessor> createProcessor)
    {
        builder.Services.AddKeyedSingleton(name, (services, _) => new LaneWorker(
            services.GetRequiredService<ILog>(),
            options(services),
            reader => createProcessor(services, reader),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<LaneWorker>>()));
        builder.AddWorker(services => services.GetRequiredKeyedService<LaneWorker>(name));
        builder.Services.AddHealthChecks().Add(new(name, services => services.GetRequiredKeyedService<LaneWorker>(name), failureStatus: null, tags: null));
    }
}
