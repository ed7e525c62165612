using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Publishing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class OrphanedUploadsTests
{
    [Fact]
    public async Task Own_uploads_that_were_left_are_given_up_at_the_start_and_nobody_elses()
    {
        string[] own = ["0_buyers_2026-02-28T23-00-00_entering.csv", "0_old_buyers_2026-02-28T23-00-00_existing.csv"];
        string[] others =
        [
            "1_buyers_2026-02-28T23-00-00_entering.csv", // another project's
            "0_buyers_2026-02-28T23-00-00_entering_crm.csv", // another destination's of the same path
            "0_buyers_2026-02-28T23-00-00_entering.csv.gz",
            "0_buyers_yesterday-at-noon-oh_entering.csv",
            "backup.csv",
        ];
        await using var bench = new SinkBench();
        foreach (var key in own.Concat(others))
            await bench.Store.BeginAsync(new(key, "text/csv"), TestContext.Current.CancellationToken);
        bench.Define("buyers");
        bench.Start(SinkBench.Destination());
        bench.Settle();
        bench.TurnUntil(() => bench.Store.Unfinished.Count == others.Length);
        Assert.Equal(others.Order(StringComparer.Ordinal), bench.Store.Unfinished.Keys.Select(upload => upload.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>The instance that owns the partition of a cohort may be writing it at this moment.</summary>
    [Fact]
    public async Task Those_of_a_cohort_in_another_partition_are_left_to_its_owner()
    {
        await using var bench = new SinkBench(partitions: 4);
        await bench.Store.BeginAsync(new("0_buyers_2026-02-28T23-00-00_entering.csv", "text/csv"), TestContext.Current.CancellationToken);
        await OrphanedUploads.AbortAsync(bench.Store, new(), cohortId => cohortId != "buyers", null!, TestContext.Current.CancellationToken);
        Assert.Single(bench.Store.Unfinished);
    }

    [Theory]
    [InlineData("a/b/7_buyers_2026-03-01T01-00-00_exiting_crm.v1.csv", "buyers")]
    [InlineData("a/b/7_a_b_2026-03-01T01-00-00_existing_crm.v1.csv", "a_b")]
    [InlineData("a/b/7__2026-03-01T01-00-00_existing_crm.v1.csv", null)]
    [InlineData("7_buyers_2026-03-01T01-00-00_exiting_crm.v1.csv", null)]
    [InlineData("a/b/7_buyers_2026-03-01T01-00-00_manifest_crm.v1.json", null)]
    public void A_files_cohort_is_read_from_its_key(string key, string? cohort)
    {
        var layout = new FileLayout { Path = "a/b", ProjectId = 7, RoutingKey = "crm", Suffix = ".v1" };
        Assert.Equal(cohort is not null, ObjectNames.TryCohortOf(layout, key, out var found));
        Assert.Equal(cohort ?? "", found);
    }
}
