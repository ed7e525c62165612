using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Plans;
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
    public void Files_and_manifest_are_byte_for_byte_the_golden_ones(string folder, FormulaHandling formulas)
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
        var rendered = Render(layout);
        Assert.Equal(
            [
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_entering_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_exiting_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_existing_crm.v1.csv",
                "exports/cohorts/42_buyers_2026-03-02T00-00-00_manifest_crm.v1.json",
            ],
            rendered.Objects.Select(item => item.Key));
        foreach (var item in rendered.Objects)
            GoldenFile.Check("S3", $"{folder}/{Path.GetFileName(item.Key)}", Encoding.UTF8.GetString(item.Body.Span));
    }

    [Fact]
    public void A_matched_property_stands_in_the_second_column_under_its_own_name()
    {
        using var snapshot = new MemoryCohortSnapshot();
        Add(snapshot, "ada", """{"email":"ada@example.com"}""", offset: 0);
        Add(snapshot, "bob", "", offset: 1);
        var rendered = SyncRendering.Render(Context(new() { MatchProperty = "email" }, previous: null), snapshot);
        Assert.Equal(
            ["amplitudeID,email", "4650483087176188811,ada@example.com", "6725115354266262903,"],
            TextOf(rendered, 0).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Rows_are_sorted_by_the_bytes_of_the_profile_key()
    {
        using var snapshot = new MemoryCohortSnapshot();
        string[] users = ["b", "a", "Z", "é", "aa", "\U0001F600", "\uFFFD"];
        for (var index = 0; index < users.Length; index++)
            Add(snapshot, users[index], "", index);
        var rendered = SyncRendering.Render(Context(new(), previous: null), snapshot);
        var listed = TextOf(rendered, 0).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[1]);
        Assert.Equal(["Z", "a", "aa", "b", "é", "\uFFFD", "\U0001F600"], listed);
    }

    /// <summary>Two members at the last sync, of whom one has gone; three that have come, with texts that are hard on CSV.</summary>
    private static RenderedSync Render(FileLayout layout)
    {
        using var snapshot = new MemoryCohortSnapshot();
        Add(snapshot, "ada", """{"plan":"pro","city":""}""", offset: 0);
        Add(snapshot, "bob", """{"plan":"free"}""", offset: 1);
        snapshot.MarkSynced();
        Add(snapshot, "bob", """{"plan":"free"}""", offset: 3, isIn: false);
        Add(snapshot, "cy, \"the\" \u00e9l\u00e8ve", """{"plan":null,"city":"line\r\nbreak"}""", offset: 4);
        Add(snapshot, "dee", """{"plan":-7.50,"city":["x","y"],"other":{"plan":"inner"}}""", offset: 5);
        Add(snapshot, "eve", """{"city":"=SUM(A1)","plan":"+1,2"}""", offset: 6);
        return SyncRendering.Render(Context(layout, Yesterday), snapshot);
    }

    private static SyncContext Context(FileLayout layout, CompletedSync? previous) =>
        new("warehouse", "buyers", new(Midnight, End: 7, PlannedAt: Midnight, CohortVersion: 3, layout), previous);

    private static void Add(MemoryCohortSnapshot snapshot, string user, string properties, long offset, bool isIn = true) =>
        snapshot.Apply(Encoding.UTF8.GetBytes($"u:{user}"), isIn, SinkBench.Encode(user, isIn, properties, offset + 1), offset);

    private static string TextOf(RenderedSync sync, int index) => Encoding.UTF8.GetString(sync.Objects[index].Body.Span);
}
