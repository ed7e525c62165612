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
        Assert.Equal(StoreAnswerKind.Stored, (await PutAsync("exports/a.csv", "x")).Kind);
        Assert.Equal([Path.Combine(_folder, "exports", "a.csv")], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_folder, "exports", "a.csv"), Cancellation));
    }

    [Fact]
    public async Task Never_overwrites_and_tells_the_checksum_of_what_is_there()
    {
        await PutAsync("a.csv", "first");
        Assert.Equal(StoreAnswerKind.Exists, (await PutAsync("a.csv", "second")).Kind);
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(_folder, "a.csv"), Cancellation));
        Assert.Equal(Checksum.Of("first"u8), (await _store.ChecksumAsync("a.csv", Cancellation)).Crc64Nvme);
    }

    [Fact]
    public async Task An_object_is_seen_once_all_its_parts_are_there()
    {
        var upload = (await _store.BeginAsync(new("exports/a.csv", "text/csv"), Cancellation)).Upload;
        await _store.SendPartAsync(upload, 1, "one,"u8.ToArray(), "", Cancellation);
        await _store.SendPartAsync(upload, 2, "two"u8.ToArray(), "", Cancellation);
        Assert.Equal(StoreAnswerKind.Absent, (await _store.ChecksumAsync("exports/a.csv", Cancellation)).Answer.Kind);
        Assert.Equal([upload], (await _store.UnfinishedAsync("exports/a", Cancellation)).Uploads);

        Assert.Equal(StoreAnswer.Stored, await _store.CompleteAsync(upload, [], "", Cancellation));
        Assert.Equal("one,two", await File.ReadAllTextAsync(Path.Combine(_folder, "exports", "a.csv"), Cancellation));
        Assert.Empty((await _store.UnfinishedAsync("exports/a", Cancellation)).Uploads);
    }

    [Fact]
    public async Task An_upload_that_a_crash_left_is_found_and_given_up_and_can_go_no_further()
    {
        var upload = (await _store.BeginAsync(new("exports/a.csv", "text/csv"), Cancellation)).Upload;
        await _store.SendPartAsync(upload, 1, "half"u8.ToArray(), "", Cancellation);
        using var next = new FileObjectStore(_folder);
        Assert.Empty((await next.UnfinishedAsync("exports/b", Cancellation)).Uploads);
        Assert.Equal(StoreAnswer.Stored, await next.AbortAsync(Assert.Single((await next.UnfinishedAsync("exports/", Cancellation)).Uploads), Cancellation));
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        Assert.Equal(StoreAnswerKind.UploadGone, (await _store.CompleteAsync(upload, [], "", Cancellation)).Kind);
    }

    [Fact]
    public async Task A_key_that_leads_out_of_the_folder_is_refused() =>
        Assert.Equal(StoreAnswerKind.Refused, (await PutAsync("../a.csv", "x")).Kind);

    [Fact]
    public void The_checksum_is_the_one_that_S3_computes() => Assert.Equal("rosUhgp5mIg=", Checksum.Of("123456789"u8));

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<StoreAnswer> PutAsync(string key, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return _store.PutAsync(new(key, "text/csv"), body, Checksum.Of(body), Cancellation);
    }
}
