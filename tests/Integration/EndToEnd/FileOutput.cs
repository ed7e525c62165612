using System.Text;
using System.Text.Json;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary><c>endpoint: file:</c>, in one folder.</summary>
internal sealed class FileOutput(string folder) : ISinkOutput
{
    public string Bucket => $"""
        bucket: exports
        endpoint: "file:{folder}"
        """;

    private string Objects => Path.Combine(folder, ShopDestinations.ObjectPath);

    public string StreamOf(string destination) => $"endpoint: \"file:{folder}\"";

    public async Task<IReadOnlyList<SentRecord>> RecordsAsync(string destination, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, $"{destination}.jsonl");
        if (!File.Exists(path))
            return [];
        // A process that was killed while it wrote leaves a piece of a line, which nobody may take for a record.
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellation);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(RecordOf)];
    }

    public async Task<IReadOnlyDictionary<string, byte[]>> ObjectsAsync(CancellationToken cancellation)
    {
        var objects = new Dictionary<string, byte[]>();
        foreach (var path in Directory.Exists(Objects) ? Directory.GetFiles(Objects, "*.csv").Concat(Directory.GetFiles(Objects, "*.json")) : [])
            objects[Path.GetFileName(path)] = await File.ReadAllBytesAsync(path, cancellation);
        return objects;
    }

    private static SentRecord RecordOf(string line)
    {
        var record = JsonSerializer.Deserialize<JsonElement>(line);
        return new(record.GetProperty("partition_key").GetString()!, Encoding.UTF8.GetBytes(record.GetProperty("data").GetRawText()));
    }
}
