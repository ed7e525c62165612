using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>Names and bytes of a sync's objects, held against files that were read by hand.</summary>
public sealed class SyncRenderingTests
{
    private const long Midnight = 1_772_409_600_000;

    private static readonly CompletedSync Yesterday = new(Midnight - 86_400_000, End: 3, StateEnd: 3, StateAt: Midnight - 86_400_000, Members: 2);

    [Theory]
    [InlineData("plain", FormulaHandling.None)]
    [InlineData("prefixed", FormulaHandling.Prefix)]
    [InlineData("guarded", FormulaHandling.Reject)]
    public async Task Files_and_manifest_are_byte_for_byte_the_golden_ones(string folder, FormulaHandling formulas)
    {
        var layout = new FileLayout
        {
            Path = "exports/cohorts",
            ProjectId = 42,
            RoutingKey = "crm",
            Suffix = ".v1",
            UserProperties = ["plan", "city", "plan"],
            Formulas = formulas,
        };
        var rendered = await RenderAsync(layout);
        Assert.Equal(
            [
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_entering_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_exiting_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_existing_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_manifest_crm.v1.json",
            ],
            rendered.Created);
        foreach (var key in rendered.Created)
            GoldenFile.Check("S3", $"{folder}/{Path.GetFileName(key)}", rendered.TextOf(key));
    }

    [Fact]
    public async Task A_matched_property_stands_in_the_second_column_under_its_own_name()
    {
        using var snapshot = new MemoryMemberSnapshot();
        Add(snapshot, "ada", """{"email":"ada@example.com"}""", offset: 0);
        Add(snapshot, "bob", "", offset: 1);
        var rendered = await RenderAsync(Context(new() { MatchProperty = "email" }, previous: null), snapshot);
        Assert.Equal(
            ["amplitudeID,email", "4650483087176188811,ada@example.com", "6725115354266262903,"],
            rendered.TextOf(rendered.Created.First()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Rows_are_sorted_by_the_bytes_of_the_profile_key()
    {
        using var snapshot = new MemoryMemberSnapshot();
        string[] users = ["b", "a", "Z", "é", "aa", "\U0001F600", "\uFFFD"];
        for (var index = 0; index < users.Length; index++)
            Add(snapshot, users[index], "", index);
        var rendered = await RenderAsync(Context(new(), previous: null), snapshot);
        var listed = rendered.TextOf(rendered.Created.First()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[1]);
        Assert.Equal(["Z", "a", "aa", "b", "é", "\uFFFD", "\U0001F600"], listed);
    }

    /// <summary>Parts of whole rows, whatever their number: the bytes are those of one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_large_file_is_sent_in_parts_and_has_the_same_bytes(int seed)
    {
        var random = new Random(seed);
        using var snapshot = new MemoryMemberSnapshot();
        for (var index = 0; index < 500; index++)
            Add(snapshot, $"user-{random.Next(100_000)}", "{\"plan\":\"" + new string('x', random.Next(60)) + "\"}", index);
        snapshot.MarkSynced();
        for (var index = 500; index < 700; index++)
            Add(snapshot, $"user-{random.Next(100_000)}", "", index);
        var previous = Yesterday with { Members = snapshot.InKeyOrder().Count(member => member.WasMember) };
        var layout = new FileLayout { UserProperties = ["plan"] };
        var whole = await RenderAsync(Context(layout, previous), snapshot);
        Assert.DoesNotContain(whole.Asked, asked => asked.StartsWith("begin", StringComparison.Ordinal));

        foreach (var partBytes in new[] { 256, 1_000, 5_000, whole.Objects.Values.Max(body => body.Length) })
        {
            var parted = await RenderAsync(Context(layout, previous), snapshot, partBytes);
            Assert.Equal(whole.Created, parted.Created);
            Assert.All(whole.Objects, item => Assert.True(item.Value.AsSpan().SequenceEqual(parted.Objects[item.Key]), $"{item.Key} with parts of {partBytes}"));
            Assert.Equal(whole.Objects.Values.Any(body => body.Length > partBytes), parted.Asked.Any(asked => asked.StartsWith("begin", StringComparison.Ordinal)));
        }
    }

    /// <summary>Two members at the last sync, of whom one has gone; three that have come, with texts that are hard on CSV.</summary>
    private static async Task<FakeObjectStore> RenderAsync(FileLayout layout)
    {
        using var snapshot = new MemoryMemberSnapshot();
        Add(snapshot, "ada", """{"plan":"pro","city":""}""", offset: 0);
        Add(snapshot, "bob", """{"plan":"free"}""", offset: 1);
        snapshot.MarkSynced();
        Add(snapshot, "bob", """{"plan":"free"}""", offset: 3, isIn: false);
        Add(snapshot, "cy, \"the\" \u00e9l\u00e8ve", """{"plan":null,"city":"line\r\nbreak"}""", offset: 4);
        Add(snapshot, "dee", """{"plan":-7.50,"city":["x","y"],"other":{"plan":"inner"}}""", offset: 5);
        Add(snapshot, "eve", """{"city":"=SUM(A1)","plan":"+1,2"}""", offset: 6);
        return await RenderAsync(Context(layout, Yesterday), snapshot);
    }

    private static SyncContext Context(FileLayout layout, CompletedSync? previous) =>
        new("warehouse", "buyers", new(Midnight, End: 7, PlannedAt: Midnight, CohortVersion: 3, layout), previous);

    private static void Add(MemoryMemberSnapshot snapshot, string user, string properties, long offset, bool isIn = true) =>
        snapshot.Apply(Encoding.UTF8.GetBytes($"u:{user}"), isIn, SinkBench.Encode(user, isIn, properties, offset + 1), offset);

    private static async Task<FakeObjectStore> RenderAsync(SyncContext context, MemoryMemberSnapshot snapshot, int partBytes = PublishingLimits.PartBytesMax)
    {
        var store = new FakeObjectStore();
        using var buffers = new PartBuffers(partBytes);
        await new SyncPublisher(new(store, new SilentPublishing(), TimeProvider.System, () => 0), buffers).PublishAsync(context, snapshot, TestContext.Current.CancellationToken);
        Assert.Empty(store.Unfinished);
        return store;
    }
}
