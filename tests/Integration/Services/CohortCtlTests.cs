using System.Text.Json;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>The command line against a pipeline that runs in another process, as a second terminal sees it.</summary>
public sealed class CohortCtlTests(RunningPipeline pipeline) : IClassFixture<RunningPipeline>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cohort_is_applied_shown_changed_and_deleted()
    {
        var file = pipeline.File("looked.yaml", "id: looked\nwhere:\n  did: { event: looked }\n");
        Assert.Equal(
            "looked: created, version 1\nWhat a new definition asks of events starts empty: events from before it was applied do not count.",
            (await Run("cohorts", "apply", file)).Output.Trim());
        Assert.Equal("looked: unchanged, version 1", (await Run("cohorts", "apply", file)).Output.Trim());

        var (exitCode, cohort) = await Json("cohorts", "get", "looked");
        Assert.Equal(0, exitCode);
        Assert.Equal(1, cohort.GetProperty("version").GetInt32());
        Assert.Equal("looked", cohort.GetProperty("definition").GetProperty("id").GetString());
        Assert.Equal("from_definition", cohort.GetProperty("history").GetString());

        Assert.Equal("looked: deleted, version 2", (await Run("cohorts", "delete", "looked")).Output.Trim());
        var gone = await Run("cohorts", "get", "looked");
        Assert.Equal(1, gone.ExitCode);
        Assert.StartsWith("There is no cohort `looked`", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definitions_with_errors_are_refused_whole_with_file_line_and_path()
    {
        var good = pipeline.File("good.yaml", "id: good\nwhere:\n  did: { event: looked }\n");
        var bad = pipeline.File("bad.yaml", "id: bad\nwhere:\n  did: { evnt: looked }\n");
        var refused = await Run("cohorts", "apply", good, bad);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{bad}:3:", refused.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean `event`?", refused.Error, StringComparison.Ordinal);
        var (_, listed) = await Json("cohorts", "list");
        Assert.DoesNotContain("good", listed.GetProperty("cohorts").EnumerateArray().Select(cohort => cohort.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_unknown_clause_is_refused_with_its_line_and_path()
    {
        var bad = pipeline.File("unknown.yaml", "id: unknown\nwhere:\n  all:\n    - did: { event: looked }\n    - dreamt_of: { event: looked }\n");
        var refused = await Run("cohorts", "apply", bad);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{bad}:5:", refused.Error, StringComparison.Ordinal);
        Assert.Contains("where.all[1]", refused.Error, StringComparison.Ordinal);
        Assert.Contains("dreamt_of", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named_whichever_command_reads_it()
    {
        var missing = Path.Combine(pipeline.Folder, "missing.yaml");
        foreach (var command in (string[][])[["lint"], ["cohorts", "apply"], ["destinations", "add"], ["publish"]])
        {
            var result = await Run([.. command, missing]);
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith($"{missing}: ", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Lint_finds_the_same_errors_in_place()
    {
        var bad = pipeline.File("lint.yaml", "id: bad\nwhere:\n  did: { event: looked, within: 7 }\n");
        var result = await Run("lint", bad);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{bad}:3:", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_warns_of_what_is_rarely_meant_and_is_done()
    {
        var odd = pipeline.File("odd.yaml", "id: odd\nwhere:\n  not: { did: { event: looked } }\n---\nid: even\nwhere: { did: { event: looked } }\n");
        var result = await Run("lint", odd);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"{odd}:3:3: warning: where: a user without any event is a member", result.Output, StringComparison.Ordinal);
        Assert.Contains("2 definitions in 1 files, 0 errors, 1 warnings", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_stands_for_the_files_in_it_and_in_its_folders()
    {
        var folder = Directory.CreateDirectory(Path.Combine(pipeline.Folder, "tree")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "shop", "deep"));
        Directory.CreateDirectory(Path.Combine(folder, ".hidden"));
        File.WriteAllText(Path.Combine(folder, "one.yaml"), "id: one\nwhere: { did: { event: looked } }\n");
        File.WriteAllText(Path.Combine(folder, "shop", "deep", "two.json"), """{"id": "two", "where": {"did": {"event": "looked"}}}""");
        File.WriteAllText(Path.Combine(folder, "shop", "two.cohort-test.yaml"), "no definition");
        File.WriteAllText(Path.Combine(folder, ".hidden", "three.yaml"), "no definition");
        var result = await Run("lint", folder);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("2 definitions in 2 files, 0 errors, 0 warnings", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lytics_subscription_call_is_added_as_it_stands_with_its_policies()
    {
        var file = pipeline.File("lytics.json", """
            {"name": "Lytics Stream", "channel": "kinesis", "stream": "triggers", "region": "us-east-1", "identifier_field": "user_id",
             "segment_ids": ["pro"], "role_arn": "arn:aws:iam::222222222222:role/WriteCohorts"}
            """);
        var (exitCode, added) = await Json("destinations", "add", file);
        Assert.Equal(0, exitCode);
        var destination = added.GetProperty("destinations")[0];
        Assert.Equal("lytics-stream", destination.GetProperty("id").GetString());
        var externalId = destination.GetProperty("external_id").GetString()!;

        var policies = await Run("destinations", "policy", "lytics-stream", "--account", "111111111111");
        Assert.Equal(0, policies.ExitCode);
        Assert.Contains("arn:aws:iam::111111111111:root", policies.Output, StringComparison.Ordinal);
        Assert.Contains(externalId, policies.Output, StringComparison.Ordinal);
        Assert.Contains("kinesis:PutRecords", policies.Output, StringComparison.Ordinal);

        var lacking = await Run("destinations", "policy", "lytics-stream");
        Assert.Equal(1, lacking.ExitCode);
        Assert.Contains("expected the 12 digits", lacking.Error, StringComparison.Ordinal);

        Assert.Equal("lytics-stream: deleted", (await Run("destinations", "delete", "lytics-stream")).Output.Trim());
    }

    [Fact]
    public async Task A_bucket_gets_its_policy()
    {
        var file = pipeline.File("bucket.yaml", "id: bucket\nsink: s3\ncohorts: [\"*\"]\nbucket: exports\npath: cohorts\nregion: eu-central-1\n");
        Assert.Equal("bucket: added", (await Run("destinations", "add", file)).Output.Trim());
        var policy = await Run("destinations", "policy", "bucket", "--principal", "arn:aws:iam::111111111111:role/sink");
        Assert.Contains("arn:aws:s3:::exports/cohorts/*", policy.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("destinations", "delete", "bucket")).ExitCode);
    }

    [Fact]
    public async Task A_file_is_published_bad_lines_are_named_and_members_appear_in_the_status()
    {
        await Run("cohorts", "apply", pipeline.File("buyers.yaml", "id: buyers\nwhere:\n  did: { event: bought }\n"));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var file = pipeline.File("events.jsonl", $$"""
            {"event": "bought", "user_id": "ada", "time": {{now}}}
            {"event": "bought", "user_id":
            {"event": "bought", "user_id": "bob"}
            """);
        var (exitCode, published) = await Json("publish", file);
        Assert.Equal(0, exitCode);
        Assert.Equal((2, 1), (published.GetProperty("records").GetInt32(), published.GetProperty("bad_lines").GetInt32()));
        Assert.Equal(2, published.GetProperty("errors")[0].GetProperty("line").GetInt32());

        await Eventually.HoldsAsync(
            async _ =>
            {
                var (_, status) = await Json("status");
                var members = status.GetProperty("cohorts").EnumerateArray().Single(cohort => cohort.GetProperty("id").GetString() == "buyers").GetProperty("members").GetInt32();
                return members == 2 ? null : status.ToString();
            },
            Deadline,
            Cancellation);
    }

    [Fact]
    public async Task Publishing_to_a_topic_that_nobody_reads_is_refused()
    {
        var file = pipeline.File("one.jsonl", "{\"event\": \"looked\", \"user_id\": \"ada\"}");
        var wrongTopic = await Run("publish", file, "--topic", "orders");
        Assert.Equal(1, wrongTopic.ExitCode);
        Assert.Contains("found topic `orders`, expected one that ingest reads: events, identifies", wrongTopic.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exit_codes_tell_a_wrong_command_line_and_a_pipeline_that_is_not_there()
    {
        Assert.Equal(2, (await Run("cohorts", "aply")).ExitCode);
        var noAddress = await CohortCtl.RunAsync(pipeline.Folder, Cancellation, "status", "--server", "here");
        Assert.Equal(2, noAddress.ExitCode);
        Assert.Contains("--server is `here`: expected an address such as", noAddress.Error, StringComparison.Ordinal);
        var elsewhere = await CohortCtl.RunAsync(pipeline.Folder, Cancellation, "status", "--server", $"http://127.0.0.1:{Ports.Free()}");
        Assert.Equal(3, elsewhere.ExitCode);
        Assert.StartsWith("No control-api answers at", elsewhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_interface_describes_itself()
    {
        using var http = new HttpClient();
        var document = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(new Uri(pipeline.Address, "/openapi/v1.json"), Cancellation));
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name);
        Assert.Equal(["/v1/cohorts", "/v1/cohorts/{id}", "/v1/destinations", "/v1/destinations/{id}", "/v1/destinations/{id}/check", "/v1/destinations/{id}/policies", "/v1/destinations/{id}/status", "/v1/publish", "/v1/status", "/v1/status/destinations"], paths.Order());
    }

    private Task<CommandResult> Run(params string[] arguments) =>
        CohortCtl.RunAsync(pipeline.Folder, Cancellation, [.. arguments, "--server", pipeline.Address.ToString()]);

    private Task<(int ExitCode, JsonElement Output)> Json(params string[] arguments) =>
        CohortCtl.JsonAsync(pipeline.Folder, Cancellation, [.. arguments, "--server", pipeline.Address.ToString()]);
}
