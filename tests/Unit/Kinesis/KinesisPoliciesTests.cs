using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class KinesisPoliciesTests
{
    private const string Text = "id: ads\nsink: kinesis\ncohorts: [a]\nregion: us-west-2\nstream: cohort-updates\nformat: amplitude-cohort\n";
    private const string Role = "role_arn: arn:aws:iam::111111111111:role/WriteCohorts\n";

    [Fact]
    public void The_trust_policy_names_our_account_and_the_external_id() =>
        GoldenFile.Check("Kinesis", "trust-policy.json", KinesisPolicies.Trust(Destination(Text + Role + "external_id: 0123456789abcdef0123456789abcdef"), "999999999999"));

    [Fact]
    public void Without_an_external_id_it_has_no_condition() =>
        GoldenFile.Check("Kinesis", "trust-policy-without-external-id.json", KinesisPolicies.Trust(Destination(Text + Role + "external_id: none"), "999999999999"));

    [Fact]
    public void The_permission_policy_allows_the_one_stream_and_a_look_at_itself() =>
        GoldenFile.Check("Kinesis", "permission-policy.json", KinesisPolicies.Permissions(Destination(Text + Role), "999999999999"));

    [Fact]
    public void It_follows_the_partition_of_the_stream()
    {
        var policy = KinesisPolicies.Permissions(
            Destination(Text.Replace("stream: cohort-updates", "stream_arn: arn:aws-cn:kinesis:cn-north-1:222222222222:stream/s", StringComparison.Ordinal).Replace("region: us-west-2\n", "", StringComparison.Ordinal)),
            "999999999999");
        Assert.Contains("\"arn:aws-cn:kinesis:cn-north-1:222222222222:stream/s\"", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("Simulate", policy, StringComparison.Ordinal);
    }

    private static KinesisDestination Destination(string text) => (KinesisDestination)DestinationTextTests.One(text);
}
