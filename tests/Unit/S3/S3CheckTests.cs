using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Checks;
using CohortPipeline.Sinks.S3.Objects;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class S3CheckTests
{
    private const string Key = "cohort-pipeline-check.txt";

    private readonly FakeObjectStore _store = new();

    [Fact]
    public async Task Writes_nothing_unless_it_is_asked_to()
    {
        Assert.Equal(["Passed s3:ListBucketMultipartUploads", "Skipped s3:PutObject"], await Check(send: false));
        Assert.Empty(_store.Asked);
    }

    [Fact]
    public async Task Writes_one_object_reads_it_back_and_does_so_again_to_the_same_end()
    {
        string[] passed = ["Passed s3:ListBucketMultipartUploads", "Passed s3:PutObject", "Passed nothing is overwritten", "Passed s3:GetObject", "Passed upload in parts", "Passed s3:AbortMultipartUpload"];
        Assert.Equal(passed, await Check(send: true));
        Assert.Equal(passed, await Check(send: true));
        Assert.Equal([Key], _store.Objects.Keys);
        Assert.Empty(_store.Unfinished);
    }

    [Fact]
    public async Task Says_what_is_refused_with_the_stores_own_word()
    {
        _store.AnswerNext(StoreAnswer.Refused("AccessDenied", "no such right"));
        Assert.Equal(["Passed s3:ListBucketMultipartUploads", "Failed s3:PutObject AccessDenied: no such right"], await Check(send: true));
    }

    [Fact]
    public async Task Says_that_it_may_not_read()
    {
        _store.ChecksumRefusal = StoreAnswer.Refused("Forbidden", "no");
        Assert.Contains("Failed s3:GetObject Forbidden: no", await Check(send: true));
    }

    [Fact]
    public async Task Finds_a_store_that_writes_over_what_is_there()
    {
        _store.AnswerNext(StoreAnswer.Stored, StoreAnswer.Stored);
        Assert.Contains($"Failed nothing is overwritten `{Key}` was written over: the store does not keep to If-None-Match", await Check(send: true));
    }

    [Fact]
    public async Task Finds_an_object_of_somebody_elses_under_its_name()
    {
        _store.Objects[Key] = [1, 2, 3];
        Assert.Contains(await Check(send: true), line => line.StartsWith($"Failed s3:GetObject `{Key}` is there with checksum", StringComparison.Ordinal));
    }

    /// <summary>What came of it, the detail where it failed.</summary>
    private async Task<string[]> Check(bool send)
    {
        var lines = await new S3Check(SinkBench.Destination("buyers"), _store).RunAsync(send, TestContext.Current.CancellationToken);
        return [.. lines.Select(line => line.Outcome == CheckOutcome.Failed ? $"{line.Outcome} {line.Name} {line.Detail}" : $"{line.Outcome} {line.Name}")];
    }
}
