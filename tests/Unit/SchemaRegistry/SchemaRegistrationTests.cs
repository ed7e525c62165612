using System.Net;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.SchemaRegistry;
using CohortPipeline.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.SchemaRegistry;

public class SchemaRegistrationTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task The_schemas_of_our_topics_are_registered_under_their_names()
    {
        using var registry = new SchemaRegistryServer();
        await Run(registry);
        foreach (var (topic, schema) in TopicSchemas.Of(new("shop", 4, null)))
            Assert.Equal(schema, registry.Latest($"{topic.Name}-value"));
    }

    [Fact]
    public async Task A_registry_that_is_away_is_asked_again()
    {
        using var registry = new SchemaRegistryServer { Failing = HttpStatusCode.ServiceUnavailable };
        var running = Run(registry);
        while (registry.Requests == 0)
            await Task.Yield();
        registry.Failing = null;
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await running;
        Assert.NotNull(registry.Latest("shop.activity-value"));
    }

    [Fact]
    public async Task A_registry_that_refuses_is_not_asked_again()
    {
        using var registry = new SchemaRegistryServer { Failing = HttpStatusCode.Conflict };
        await Run(registry);
        Assert.Equal(TopicSchemas.Of(new("shop", 4, null)).Count, registry.Requests);
    }

    [Fact]
    public void Without_an_address_nothing_is_registered()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddSchemaRegistration();
        Assert.DoesNotContain(builder.Services, service => service.ServiceType == typeof(IHostedService));
    }

    private async Task Run(SchemaRegistryServer registry)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["SchemaRegistry:Url"] = registry.Url;
        builder.Configuration["Pipeline:Prefix"] = "shop";
        builder.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddSchemaRegistration();
        builder.AddSchemaRegistration();
        using var host = builder.Build();
        var worker = (BackgroundService)Assert.Single(host.Services.GetServices<IHostedService>());
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await worker.ExecuteTask!;
    }
}
