using CohortPipeline.Sinks.S3.Policies;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class BucketPolicyTests
{
    [Fact]
    public void Allows_the_principal_to_publish_under_the_path_and_nothing_else()
    {
        var policy = BucketPolicy.Render(SinkBench.Destination("buyers") with { Path = "exports/cohorts" }, "arn:aws:iam::111111111111:role/CohortPipeline");
        GoldenFile.Check("S3", "policies/bucket-policy.json", policy);
    }

    [Fact]
    public void Names_the_bucket_in_the_principals_own_partition() =>
        Assert.Contains("\"arn:aws-cn:s3:::cohort-exports/*\"", BucketPolicy.Render(SinkBench.Destination("buyers"), "arn:aws-cn:iam::111111111111:role/X"), StringComparison.Ordinal);
}
