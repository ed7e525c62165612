using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.TestKit.Proof;
using CsvHelper;
using nietras.SeparatedValues;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>Files with texts that are hard on CSV, seeded at random, read back by parsers that are not ours: what they find is what the members have.</summary>
public sealed class HostileTextTests : IDisposable
{
    private const int Members = 300;
    private const string ReadWithPython = "import csv,json,sys; csv.field_size_limit(10**9); print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8')))))";

    private static readonly string[] Pieces =
    [
        "\"", "\"\"", "\"\"\"", ",", "\r", "\n", "\r\n", "\n\r", "\0", "=1+1", "+", "-", "@SUM(A1)", "\t", " ", "'", "\\", ";", "\u2028", "\uFEFF", "é", "\U0001F600", "\u001A", "x", "NULL", new('y', 100_000),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("s3-csv-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, FormulaHandling.None)]
    [InlineData(2, FormulaHandling.None)]
    [InlineData(3, FormulaHandling.Prefix)]
    public async Task Other_parsers_read_what_the_members_have(int seed, FormulaHandling formulas)
    {
        var random = new Random(seed);
        var members = Enumerable.Range(0, Members).Select(index => (User: $"{Text(random)}{index}", Plan: random.Next(5) == 0 ? null : Text(random), City: Text(random))).ToList();
        var file = Path.Combine(_folder, "entering.csv");
        await File.WriteAllBytesAsync(file, await RenderAsync(members, formulas), TestContext.Current.CancellationToken);

        var expected = members
            .OrderBy(member => Encoding.UTF8.GetBytes(member.User), Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))
            .Select(member => (string[])[Guarded(member.User, formulas), Guarded(member.Plan ?? "", formulas), Guarded(member.City, formulas)])
            .Prepend(["userID", "plan", "city"])
            .ToList();
        Check(expected, ReadBySep(file), $"Sep, seed {seed}");
        Check(expected, ReadByCsvHelper(file), $"CsvHelper, seed {seed}");
        if (await ReadByPythonAsync(file) is { } read)
            Check(expected, read, $"Python, seed {seed}");
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(20) == 0 ? Pieces.Length - 1 : random.Next(Pieces.Length - 1)]));

    private static string Guarded(string text, FormulaHandling formulas) =>
        formulas == FormulaHandling.Prefix && text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;

    private static async Task<byte[]> RenderAsync(List<(string User, string? Plan, string City)> members, FormulaHandling formulas)
    {
        using var snapshot = new MemoryMemberSnapshot();
        for (var offset = 0; offset < members.Count; offset++)
        {
            var (user, plan, city) = members[offset];
            var properties = JsonSerializer.Serialize(new { plan, city });
            snapshot.Apply(Encoding.UTF8.GetBytes($"u:{user}"), isIn: true, SinkBench.Encode(user, isIn: true, properties, offset + 1), offset);
        }

        var store = new FakeObjectStore();
        using var buffers = new PartBuffers(PublishingLimits.PartBytesMax);
        var plannedAt = new SyncPlan(Boundary: 0, End: members.Count, PlannedAt: 0, CohortVersion: 1, new() { UserProperties = ["plan", "city"], Formulas = formulas });
        await new SyncPublisher(new(store, new SilentPublishing(), TimeProvider.System, () => 0), buffers)
            .PublishAsync(new("warehouse", "buyers", plannedAt, Previous: null), snapshot, TestContext.Current.CancellationToken);
        return store.Objects[store.Created.First()];
    }

    private static void Check(List<string[]> expected, List<string[]> found, string where)
    {
        Assert.True(expected.Count == found.Count, $"{where}: {found.Count} rows, expected {expected.Count}");
        for (var row = 0; row < expected.Count; row++)
            Assert.True(expected[row].SequenceEqual(found[row]), $"{where}, row {row}: {JsonSerializer.Serialize(found[row])}, expected {JsonSerializer.Serialize(expected[row])}");
    }

    /// <summary>All but the first column, of the header too.</summary>
    private static List<string[]> ReadBySep(string file)
    {
        using var reader = Sep.New(',').Reader(options => options with { HasHeader = false, Unescape = true }).FromFile(file);
        var rows = new List<string[]>();
        foreach (var row in reader)
            rows.Add([row[1].ToString(), row[2].ToString(), row[3].ToString()]);
        return rows;
    }

    private static List<string[]> ReadByCsvHelper(string file)
    {
        using var csv = CsvReader.FromFile(file);
        var rows = new List<string[]> { csv.Headers.Skip(1).ToArray() };
        while (csv.Read())
            rows.Add([csv[1].ToString(), csv[2].ToString(), csv[3].ToString()]);
        return rows;
    }

    /// <summary>Null where there is no Python.</summary>
    private static async Task<List<string[]>?> ReadByPythonAsync(string file)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", ReadWithPython, file]) { RedirectStandardOutput = true })!;
            var rows = await JsonSerializer.DeserializeAsync<string[][]>(python.StandardOutput.BaseStream);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            return [.. rows!.Select(row => row[1..])];
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
