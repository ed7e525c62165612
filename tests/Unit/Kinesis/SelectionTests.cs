using System.Security.Cryptography;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class SelectionTests
{
    [Theory]
    [InlineData("cohorts: [high-intent]", 2)]
    [InlineData("cohorts: [other]", 1)]
    [InlineData("cohorts: [absent]", 0)]
    [InlineData("changes: enters", 2)]
    [InlineData("changes: exits", 1)]
    public void Only_what_the_destination_asks_for_is_sent_and_the_rest_counts_as_filtered(string definition, int sent)
    {
        using var composed = new Composed(Destination("amplitude-cohort", $"{definition}\nidentifier_field: user_id"));
        composed
            .Take("u:ada", Delta("ada"))
            .Take("u:bob", Delta("bob", cohort: "other"))
            .Take("u:cyd", Delta("cyd", change: MembershipChange.Exit));
        Assert.Equal(sent, composed.Records.Count);
        Assert.Equal(new SinkCounts(3, 0, 0, 3 - sent, sent), composed.Counts);
    }

    [Fact]
    public void Bytes_that_are_no_delta_are_a_dead_letter()
    {
        using var composed = new Composed(Destination("amplitude-cohort"));
        composed.Take("u:ada", Utf8("{}")).Take("u:ada", Utf8("junk")).Take("u:ada", []);
        Assert.Equal(3, composed.DeadLettersAfterAccepting());
    }

    [Theory]
    [InlineData("user_id", "ada")]
    [InlineData("device_id", "phone")]
    [InlineData("amplitude_id", null)]
    [InlineData("plan", "pro")]
    [InlineData("seats", "12.50")]
    [InlineData("active", "true")]
    [InlineData("name", "Ådå \"x\"")]
    public void The_partition_key_is_the_identifier(string field, string? key)
    {
        using var composed = new Composed(Destination("amplitude-cohort", $"identifier_field: {field}"));
        composed.Take("u:ada", Delta("ada", device: "phone", properties: """{"plan":"pro","seats":12.50,"active":true,"name":"Åd\u00e5 \"x\""}"""));
        Assert.Equal(key ?? ProfileKey.AmplitudeId(Utf8("u:ada")).ToString(System.Globalization.CultureInfo.InvariantCulture), Assert.Single(composed.Records).PartitionKey);
    }

    [Theory]
    [InlineData("device_id", null)]
    [InlineData("plan", null)]
    [InlineData("plan", """{"plan":null}""")]
    [InlineData("plan", """{"plan":""}""")]
    [InlineData("plan", """{"plan":["pro"]}""")]
    [InlineData("plan", """{"x":{"plan":"pro"}}""")]
    public void Without_the_identifier_the_profile_key_stands_in_or_it_is_a_dead_letter(string field, string? properties)
    {
        using var standIn = new Composed(Destination("amplitude-cohort", $"identifier_field: {field}"));
        Assert.Equal("u:ada", Assert.Single(standIn.Take("u:ada", Delta("ada", properties: properties)).Records).PartitionKey);

        using var strict = new Composed(Destination("amplitude-cohort", $"identifier_field: {field}\nmissing_identifier: dead_letter"));
        strict.Take("u:ada", Delta("ada", properties: properties)).Take("u:bob", Delta("bob", device: "phone", properties: """{"plan":"pro"}"""));
        Assert.Single(strict.Records);
        Assert.Equal(1, strict.DeadLettersAfterAccepting());
    }

    [Theory]
    [InlineData(256, false)]
    [InlineData(257, true)]
    public void A_long_identifier_is_hashed_and_never_cut(int length, bool isHashed)
    {
        var user = new string('é', length / 2) + new string('x', length % 2);
        using var composed = new Composed(Destination("amplitude-cohort", "identifier_field: user_id"));
        composed.Take($"u:{user}", Delta(user));
        var expected = isHashed ? Convert.ToHexStringLower(SHA256.HashData(Utf8(user))) : user;
        Assert.Equal(expected, Assert.Single(composed.Records).PartitionKey);
    }

    [Fact]
    public void Without_an_identifier_field_every_record_has_a_random_key_and_users_keep_their_order()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "users_per_record: 1"));
        composed.Take("u:ada", Delta("ada")).Take("u:ada", Delta("ada", version: 2, at: At + 1_000, change: MembershipChange.Exit));
        Assert.NotEqual(composed.Records[0].PartitionKey, composed.Records[1].PartitionKey);
        Assert.Equal(composed.Records[0].OrderKeys, composed.Records[1].OrderKeys);
    }
}
