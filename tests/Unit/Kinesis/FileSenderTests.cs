using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class FileSenderTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"cohort-file-sender-{Guid.NewGuid():n}");

    private string FilePath => Path.Combine(_folder, "out", "ads.jsonl");

    [Fact]
    public async Task Writes_a_line_a_record_with_the_payload_byte_for_byte()
    {
        await Send(("ädä \"x\"", """{"n": 1.50, "a":[1]}"""), ("u:bob", "{}"));
        Assert.Equal("{\"partition_key\": \"ädä \\\"x\\\"\", \"data\": {\"n\": 1.50, \"a\":[1]}}\n{\"partition_key\": \"u:bob\", \"data\": {}}\n", await Read());
    }

    [Fact]
    public async Task Goes_on_behind_what_is_there()
    {
        await Send(("a", "{}"));
        await Send(("b", "{}"));
        Assert.Equal(["a", "b"], await Keys());
    }

    [Fact]
    public async Task Cuts_a_line_that_a_crash_tore_off()
    {
        await Send(("a", "{}"));
        await File.AppendAllTextAsync(FilePath, $$"""{"partition_key": "torn", "data": {"x": "{{new string('y', 200_000)}}""", TestContext.Current.CancellationToken);
        await Send(("b", "{}"));
        Assert.Equal(["a", "b"], await Keys());
    }

    [Fact]
    public async Task Cuts_a_file_that_is_nothing_but_a_torn_line()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, "{\"partition_key\": \"to", TestContext.Current.CancellationToken);
        await Send(("b", "{}"));
        Assert.Equal(["b"], await Keys());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_answer()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "out"), "a file where the folder should be", TestContext.Current.CancellationToken);
        var response = await Send(("a", "{}"));
        Assert.Equal(FailureKind.Refused, response.Kind);
        Assert.Null(response.Entries);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private async Task<DeliveryResponse> Send(params (string Key, string Data)[] records)
    {
        await using var sender = new FileSender(Path.Combine(_folder, "out"), "ads");
        return await sender.SendAsync(Samples.Request([.. records.Select(record => (record.Key, Encoding.UTF8.GetBytes(record.Data)))]), TestContext.Current.CancellationToken);
    }

    private Task<string> Read() => File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken);

    private async Task<IEnumerable<string>> Keys() =>
        (await Read()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)System.Text.Json.Nodes.JsonNode.Parse(line)!["partition_key"]!);
}
