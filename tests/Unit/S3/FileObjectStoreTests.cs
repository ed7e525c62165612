using System.Text;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class FileObjectStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("objects-").FullName;
    private readonly FileObjectStore _store;

    public FileObjectStoreTests() => _store = new(_folder);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_object_under_its_key_and_leaves_nothing_else_behind()
    {
        Assert.Equal(StoreAnswerKind.Stored, (await _store.PutAsync(Item("exports/a.csv", "x"), Cancellation)).Kind);
        Assert.Equal([Path.Combine(_folder, "exports", "a.csv")], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_folder, "exports", "a.csv"), Cancellation));
    }

    [Fact]
    public async Task Never_overwrites_and_tells_the_checksum_of_what_is_there()
    {
        await _store.PutAsync(Item("a.csv", "first"), Cancellation);
        Assert.Equal(StoreAnswerKind.Exists, (await _store.PutAsync(Item("a.csv", "second"), Cancellation)).Kind);
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(_folder, "a.csv"), Cancellation));
        Assert.Equal(Checksum.Of("first"u8), (await _store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task An_object_left_unfinished_by_a_crash_is_written_anew()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.csv.unfinished"), "half of an object that is longer", Cancellation);
        Assert.Equal(StoreAnswerKind.Stored, (await _store.PutAsync(Item("a.csv", "whole"), Cancellation)).Kind);
        Assert.Equal("whole", await File.ReadAllTextAsync(Path.Combine(_folder, "a.csv"), Cancellation));
    }

    [Fact]
    public async Task A_key_that_leads_out_of_the_folder_is_refused() =>
        Assert.Equal(StoreAnswerKind.Refused, (await _store.PutAsync(Item("../a.csv", "x"), Cancellation)).Kind);

    [Fact]
    public void The_checksum_is_the_one_that_S3_computes() => Assert.Equal("rosUhgp5mIg=", Checksum.Of("123456789"u8));

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static SyncObject Item(string key, string text) => SyncObject.Of(key, "text/csv", 1, Encoding.UTF8.GetBytes(text));
}
