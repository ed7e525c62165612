using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CohortPipeline.Hosting;

/// <summary>The log that the options name, and the set-up of topics on it.</summary>
internal static class LogSetup
{
    public static void AddPipelineLog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TopicSetup>();
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredService<TopicSetup>());
        builder.Services.AddHealthChecks().AddCheck<TopicSetup>("topics");
    }
}
