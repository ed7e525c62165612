using System.Text;
using System.Text.Json;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>What one producer does wrong, through the whole pipeline: it is answered, and it is nobody else's trouble.</summary>
public sealed class ProducerFaultTests : IDisposable
{
    private const string Viewers = "id: viewers\nwhere: { did: { event: product_viewed, within: 1h } }";
    private const int RecordBytesMax = 2 * 1024 * 1024;
    private const int KeyAndFrameBytes = 1024;
    private const int ValueBytes = RecordBytesMax - KeyAndFrameBytes;
    private const int KeptBytes = 64 * 1024;
    private const long Day = 24L * 3600 * 1000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("producers-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_record_of_2_MiB_is_a_dead_letter_cut_to_size_and_the_records_around_it_go_on()
    {
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        await using var pipeline = await InProcessPipeline.StartAllAsync(settings, Cancellation);
        await pipeline.Control.ApplyAsync([Viewers], Cancellation);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var large = View("bob");
        large = large.Replace("\"shoes\"", $"\"{new string('x', ValueBytes - large.Length + "shoes".Length)}\"", StringComparison.Ordinal);
        Publish(pipeline.Log, settings, (View("ada"), now), (large, now), (View("cy"), now));

        await MembersAsync(pipeline, 2);
        var letter = Assert.Single((await LogDump.TopicAsync(pipeline.Log, settings.Topics.DeadLetters.Name, Cancellation)).SelectMany(records => records));
        Assert.Equal(("too_large", $"{ValueBytes}"), (letter.Header("dlq.reason"), letter.Header("dlq.length")));
        Assert.Equal(KeptBytes, letter.Value!.Length);
    }

    [Fact]
    public async Task A_line_of_a_file_that_no_topic_takes_is_named_and_the_lines_around_it_are_published()
    {
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        await using var pipeline = await InProcessPipeline.StartAllAsync(settings, Cancellation);
        await pipeline.Control.ApplyAsync([Viewers], Cancellation);
        var large = View("bob").Replace("shoes", new('x', RecordBytesMax), StringComparison.Ordinal);
        Assert.Equal(2, await pipeline.Control.PublishAsync("views.jsonl", Encoding.UTF8.GetBytes($"{View("ada")}\n{large}\n{View("cy")}\n"), settings.Events, until: null, Cancellation));
        await MembersAsync(pipeline, 2);
    }

    [Fact]
    public async Task A_clock_a_day_ahead_moves_nobody_out_of_a_window()
    {
        var settings = PipelineSettings.Embedded(_folder.FullName, ClockKind.Wall);
        await using var pipeline = await InProcessPipeline.StartAllAsync(settings, Cancellation);
        await pipeline.Control.ApplyAsync([Viewers], Cancellation);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Publish(pipeline.Log, settings, (View("ada"), now), (View("bob", now + Day), now + Day), (View("cy"), now));
        await MembersAsync(pipeline, 3);

        // One after the other partition of `activity` is read on, past what was ahead.
        Publish(pipeline.Log, settings, (View("ada"), now + 1), (View("dee"), now + 1));
        await MembersAsync(pipeline, 4);
        var deltas = (await LogDump.TopicAsync(pipeline.Log, settings.Topics.MembershipDeltas.Name, Cancellation)).SelectMany(records => records).Select(Json).ToList();
        Assert.Equal(["ada", "bob", "cy", "dee"], deltas.Select(delta => delta.GetProperty("user_id").GetString()).Order());
        var marks = (await LogDump.TopicAsync(pipeline.Log, settings.Topics.Activity.Name, Cancellation)).SelectMany(records => records).Select(Json)
            .Where(record => record.GetProperty("type").GetString() == "watermark").ToList();
        Assert.NotEmpty(marks);
        var end = TimeProvider.System.GetUtcNow();
        Assert.All(deltas, delta => Assert.True(delta.GetProperty("at").GetDateTimeOffset() <= end, $"{delta} happens in the future"));
        Assert.All(marks.SelectMany(mark => mark.GetProperty("read").EnumerateObject()), read => Assert.True(read.Value.GetInt64() <= end.ToUnixTimeMilliseconds(), $"{read} lies in the future"));
    }

    private static string View(string user, long? time = null) =>
        $$$"""{"event":"product_viewed","user_id":"{{{user}}}",{{{(time is null ? "" : $"\"time\":{time},")}}}"properties":{"category":"shoes"}}""";

    private static JsonElement Json(DumpedRecord record) => JsonSerializer.Deserialize<JsonElement>(record.Value);

    private static void Publish(ILog log, PipelineSettings settings, params (string Value, long Time)[] records) =>
        new Producer(log, $"{settings.Prefix}.test-producer").Publish(records.Select(record => new ProducedRecord(settings.Events, "one partition", record.Value, record.Time)));

    private static Task MembersAsync(InProcessPipeline pipeline, int count) => Eventually.HoldsAsync(
        async token => (await pipeline.Control.MembersAsync(token)).GetValueOrDefault("viewers") is var members && members == count ? null : $"{members} members, expected {count}",
        Deadline,
        Cancellation);
}
