using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class DestinationChecksTests
{
    [Fact]
    public void Two_buckets_of_equal_names_are_an_error_and_any_difference_mends_it()
    {
        var first = Files("one");
        Assert.Contains("one, two", Assert.Single(DestinationChecks.Together([first, Files("two")])).Text, StringComparison.Ordinal);
        Assert.Empty(DestinationChecks.Together([first, Files("two", "routing_key: r")]));
        Assert.Empty(DestinationChecks.Together([first, Files("two", "require_suffix: s")]));
        Assert.Empty(DestinationChecks.Together([first, Files("two", "project_id: 1")]));
        Assert.Empty(DestinationChecks.Together([first, Files("two", "path: p")]));
    }

    [Fact]
    public void A_named_cohort_must_export_what_the_destination_needs()
    {
        var destination = Files("one", "match_property: email\nuser_properties: [plan]");
        var errors = DestinationChecks.AgainstCohorts(destination, id => id == "a" ? new(["plan"]) : null);
        Assert.Equal("match_property: cohort `a` does not export `email`: add it to the cohort's export_properties", Assert.Single(errors).ToString());
        Assert.Empty(DestinationChecks.AgainstCohorts(destination, _ => new(["*"])));
    }

    [Fact]
    public void An_identifier_of_every_record_needs_no_export()
    {
        var stream = DestinationTextTests.One("id: k\nsink: kinesis\ncohorts: [a]\nendpoint: file:x\nformat: lytics-trigger\nidentifier_field: device_id");
        Assert.Empty(DestinationChecks.AgainstCohorts(stream, _ => new([])));
        var byEmail = DestinationTextTests.One("id: k\nsink: kinesis\ncohorts: [a]\nendpoint: file:x\nformat: lytics-trigger\nidentifier_field: email");
        Assert.Equal("identifier_field", Assert.Single(DestinationChecks.AgainstCohorts(byEmail, _ => new([]))).Path);
    }

    [Fact]
    public void A_cohort_that_does_not_exist_yet_is_waited_for()
    {
        var destination = Files("one", "match_property: email");
        Assert.Empty(DestinationChecks.AgainstCohorts(destination, _ => null));
        Assert.Equal(["a"], DestinationChecks.AwaitedCohorts(destination, _ => false));
    }

    private static Destination Files(string id, string more = "") =>
        DestinationTextTests.One($"id: {id}\nsink: s3\ncohorts: [a]\nbucket: bucket\nregion: eu-central-1\n{more}");
}
