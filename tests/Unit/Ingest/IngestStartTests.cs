using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class IngestStartTests
{
    [Fact]
    public void Starts_with_nothing_set() => Assert.Empty(Errors());

    [Fact]
    public void Settings_outside_of_their_bounds_are_all_named() => Assert.Equal(
        [
            "Ingest:Lanes lies between 1 and 64.",
            "Ingest:RecordBytesMax lies between 1024 and 1048576.",
        ],
        Errors(("Ingest:Lanes", "0"), ("Ingest:RecordBytesMax", "5000000")));

    [Fact]
    public void Intervals_outside_of_their_bounds_are_all_named() => Assert.Equal(
        [
            "Ingest:WatermarkInterval lies between 00:00:00.010 and 00:01:00.",
            "Ingest:CommitInterval lies between 00:00:00.001 and 00:00:10.",
        ],
        Errors(("Ingest:WatermarkInterval", "00:02:00"), ("Ingest:CommitInterval", "00:00:00")));

    [Fact]
    public void A_topic_that_would_be_read_twice_is_refused() => Assert.Equal(
        ["Pipeline:EventTopics and Pipeline:IdentifyTopics both name all: its records would be counted twice. Either accepts every shape; name it once."],
        Errors(("Pipeline:EventTopics:0", "all"), ("Pipeline:IdentifyTopics:0", "all")));

    [Fact]
    public void A_topic_that_the_pipeline_writes_is_no_source() => Assert.Equal(
        ["the source topic shop.activity is a topic of the pipeline itself: name another, or set Pipeline__Prefix."],
        Errors(("Pipeline:EventTopics:0", "shop.activity"), ("Pipeline:Prefix", "shop")));

    [Fact]
    public void An_address_that_is_no_schema_registry_is_refused() => Assert.Equal(
        ["SchemaRegistry:Url has `registry`: expected an address such as http://schema-registry:8081."],
        Errors(("SchemaRegistry:Url", "registry")));

    private static string[] Errors(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);
        builder.AddIngest(IngestSource.Events);
        using var host = builder.Build();
        return [.. host.Services.GetServices<IStartCheck>().SelectMany(check => check.Errors(host.Services))];
    }
}
