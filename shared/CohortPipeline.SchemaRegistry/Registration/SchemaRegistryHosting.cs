using CohortPipeline.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CohortPipeline.SchemaRegistry;

public static class SchemaRegistryHosting
{
    /// <summary>Adds the registration of our topics' schemas where <c>SchemaRegistry:Url</c> is set; once a process, however often it is called.</summary>
    public static void AddSchemaRegistration(this IHostApplicationBuilder builder)
    {
        var options = builder.AddValidatedOptions<SchemaRegistryOptions>(SchemaRegistryOptions.Section);
        if (options.Url.Length > 0)
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SchemaRegistration>());
    }
}
