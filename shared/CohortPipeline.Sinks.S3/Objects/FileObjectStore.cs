using System.Collections.Concurrent;
using CohortPipeline.Sinks.S3.Files;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// Objects as files under a folder, for trying out: <c>endpoint: file:&lt;folder&gt;</c>. A file appears whole, under its name or
/// not at all, and is never overwritten.
/// </summary>
public sealed class FileObjectStore(string folder) : IObjectStore
{
    private const string FailedCode = "FileError";
    private const string Unfinished = ".unfinished";

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>How many bytes of an upload are sent: a part that is sent again begins there.</summary>
    private readonly ConcurrentDictionary<Upload, long> _sent = new();

    public async Task<StoreAnswer> PutAsync(ObjectHead head, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation)
    {
        var begun = await BeginAsync(head, cancellation).ConfigureAwait(false);
        if (begun.Answer != StoreAnswer.Stored)
            return begun.Answer;
        var sent = await SendPartAsync(begun.Upload, 1, body, crc64Nvme, cancellation).ConfigureAwait(false);
        var answer = sent.Answer == StoreAnswer.Stored ? await CompleteAsync(begun.Upload, [sent.Part], crc64Nvme, cancellation).ConfigureAwait(false) : sent.Answer;
        if (answer != StoreAnswer.Stored)
            await AbortAsync(begun.Upload, cancellation).ConfigureAwait(false);
        return answer;
    }

    public Task<UploadAnswer> BeginAsync(ObjectHead head, CancellationToken cancellation)
    {
        var upload = new Upload(head.Key, Guid.CreateVersion7().ToString("N"));
        var answer = Try(head.Key, path =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Create(PathOf(path, upload)).Dispose();
            _sent[upload] = 0;
            return StoreAnswer.Stored;
        });
        return Task.FromResult(new UploadAnswer(answer, upload));
    }

    public Task<PartAnswer> SendPartAsync(Upload upload, int number, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation)
    {
        var answer = Try(upload.Key, path =>
        {
            if (!_sent.TryGetValue(upload, out var sent) || !File.Exists(PathOf(path, upload)))
                return Gone(upload);
            using var file = new FileStream(PathOf(path, upload), FileMode.Open, FileAccess.Write, FileShare.None);
            file.Position = sent;
            file.Write(body.Span);
            _sent[upload] = file.Position;
            return StoreAnswer.Stored;
        });
        return Task.FromResult(new PartAnswer(answer, new(number, "", crc64Nvme)));
    }

    public Task<StoreAnswer> CompleteAsync(Upload upload, IReadOnlyList<StoredPart> parts, string crc64Nvme, CancellationToken cancellation) => Task.FromResult(Try(upload.Key, path =>
    {
        var unfinished = PathOf(path, upload);
        if (!_sent.TryGetValue(upload, out var sent) || !File.Exists(unfinished))
            return Gone(upload);
        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            file.SetLength(sent);
            file.Flush(flushToDisk: true);
        }

        if (!TryMove(unfinished, path))
            return StoreAnswer.Exists;
        _sent.TryRemove(upload, out _);
        return StoreAnswer.Stored;
    }));

    public Task<StoreAnswer> AbortAsync(Upload upload, CancellationToken cancellation) => Task.FromResult(Try(upload.Key, path =>
    {
        File.Delete(PathOf(path, upload));
        _sent.TryRemove(upload, out _);
        return StoreAnswer.Stored;
    }));

    public Task<UnfinishedAnswer> UnfinishedAsync(string prefix, CancellationToken cancellation)
    {
        var uploads = new List<Upload>();
        var answer = Try(prefix + Unfinished, path =>
        {
            var parent = Path.GetDirectoryName(path)!;
            if (!Directory.Exists(parent))
                return StoreAnswer.Stored;
            foreach (var file in Directory.EnumerateFiles(parent, $"{Path.GetFileName(prefix)}*{Unfinished}"))
            {
                var named = Path.GetRelativePath(_root, file)[..^Unfinished.Length];
                uploads.Add(new(Path.ChangeExtension(named, null), Path.GetExtension(named)[1..]));
            }

            return StoreAnswer.Stored;
        });
        return Task.FromResult(new UnfinishedAnswer(answer, uploads));
    }

    public async Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation)
    {
        FileStream? file = null;
        var answer = Try(key, path =>
        {
            if (!File.Exists(path))
                return StoreAnswer.Absent;
            file = File.OpenRead(path);
            return StoreAnswer.Exists;
        });
        if (file is null)
            return new(answer, null);
        await using (file.ConfigureAwait(false))
            return new(answer, await Checksum.OfAsync(file, cancellation).ConfigureAwait(false));
    }

    public void Dispose()
    {
    }

    /// <summary>False where there is a file of this name.</summary>
    private static bool TryMove(string unfinished, string path)
    {
        try
        {
            File.Move(unfinished, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static string PathOf(string path, Upload upload) => $"{path}.{upload.Id}{Unfinished}";

    private static StoreAnswer Gone(Upload upload) => StoreAnswer.UploadGone("NoSuchUpload", $"there is no unfinished file {upload.Id} of `{upload.Key}`");

    private StoreAnswer Try(string key, Func<string, StoreAnswer> act)
    {
        var path = Path.GetFullPath(Path.Combine(_root, key));
        if (!path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return StoreAnswer.Refused("KeyOutsideFolder", $"`{key}` leads out of {_root}");
        try
        {
            return act(path);
        }
        catch (IOException exception)
        {
            return StoreAnswer.TryAgain(FailedCode, exception.Message);
        }
        catch (UnauthorizedAccessException exception)
        {
            return StoreAnswer.Refused("AccessDenied", exception.Message);
        }
    }
}
