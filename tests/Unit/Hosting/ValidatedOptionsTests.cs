using CohortPipeline.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CohortPipeline.Tests.Unit.Hosting;

public sealed class ValidatedOptionsTests
{
    [Fact]
    public void Names_every_error_of_every_section_at_once()
    {
        var errors = Errors(
            ("Pipeline:Partitions", "many"),
            ("Pipeline:Prefx", "shop"),
            ("Pipeline:Clock", "Sun"),
            ("Telemetry:SampleRatio", "2"),
            ("Http:Address", "home"));

        Assert.Equal(
            [
                "Http:Address is `home`: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::.",
                "Pipeline:Clock is `Sun`: expected one of Wall, Record.",
                "Pipeline:Partitions is `many`: expected a whole number.",
                "Pipeline:Prefx is not a setting; did you mean Prefix?",
                "Telemetry:SampleRatio lies between 0 and 1.",
            ],
            errors);
    }

    [Fact]
    public void Names_the_known_settings_where_none_is_near()
    {
        var error = Assert.Single(Errors(("Http:Certificate", "x")));
        Assert.Equal("Http:Certificate is not a setting; known here: Address, Port.", error);
    }

    [Fact]
    public void Asks_for_a_list_entry_by_entry()
    {
        var error = Assert.Single(Errors(("Pipeline:EventTopics", "a,b")));
        Assert.StartsWith("Pipeline:EventTopics is `a,b`: expected a list", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configured_list_replaces_the_default_one()
    {
        using var app = Builder(("Pipeline:EventTopics:0", "shop"), ("Pipeline:EventTopics:1", "app")).Build();
        Assert.Equal(["shop", "app"], app.Services.GetRequiredService<PipelineOptions>().EventTopics);
    }

    [Fact]
    public void What_fits_is_read_beside_what_does_not()
    {
        using var app = Builder(("Pipeline:Log", "Embedded"), ("Pipeline:Partitions", "many"), ("Pipeline:EventTopics:0", "shop")).Build();
        var options = app.Services.GetRequiredService<PipelineOptions>();
        Assert.Equal((LogKind.Embedded, 4), (options.Log, options.PartitionCount));
        Assert.Equal(["shop"], options.EventTopics);
    }

    [Fact]
    public void Defaults_pass() => Assert.Empty(Errors());

    [Theory]
    [InlineData("Kafka:bootstrap.servers")]
    [InlineData("Kafka:bootstrap_servers")]
    [InlineData("KAFKA:BOOTSTRAP_SERVERS")]
    public void A_setting_of_Kafka_may_be_written_as_shells_allow(string name)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(name, "broker:9092")]).Build();
        Assert.Equal([KeyValuePair.Create<string, string?>("bootstrap.servers", "broker:9092")], LogSetup.KafkaProperties(configuration));
    }

    private static string[] Errors(params (string Name, string Value)[] settings)
    {
        using var app = Builder(settings).Build();
        return [.. app.Services.GetServices<IStartCheck>()
            .Where(check => check.GetType().IsGenericType)
            .SelectMany(check => check.Errors(app.Services))
            .Order(StringComparer.Ordinal)];
    }

    private static WebApplicationBuilder Builder(params (string Name, string Value)[] settings)
    {
        var builder = PipelineHost.CreateBuilder([], "test", 8080);
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)));
        return builder;
    }
}
