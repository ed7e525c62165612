using CohortPipeline.Sinks.S3.Files;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// Objects as files under a folder, for trying out: <c>endpoint: file:&lt;folder&gt;</c>. A file appears whole, under its name or
/// not at all, and is never overwritten.
/// </summary>
public sealed class FileObjectStore(string folder) : IObjectStore
{
    private const string FailedCode = "FileError";

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    public async Task<StoreAnswer> PutAsync(SyncObject item, CancellationToken cancellation)
    {
        if (!TryPathOf(item.Key, out var path))
            return OutsideFolder(item.Key);
        var unfinished = $"{path}.unfinished";
        try
        {
            if (File.Exists(path))
                return StoreAnswer.Exists;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(item.Body, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: false);
            return StoreAnswer.Stored;
        }
        catch (IOException) when (File.Exists(path))
        {
            return StoreAnswer.Exists;
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

    public async Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation)
    {
        if (!TryPathOf(key, out var path))
            return new(OutsideFolder(key), null);
        try
        {
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
            {
                return new(StoreAnswer.Exists, await Checksum.OfAsync(file, cancellation).ConfigureAwait(false));
            }
        }
        catch (IOException exception)
        {
            return new(StoreAnswer.TryAgain(FailedCode, exception.Message), null);
        }
        catch (UnauthorizedAccessException exception)
        {
            return new(StoreAnswer.Refused("AccessDenied", exception.Message), null);
        }
    }

    public void Dispose()
    {
    }

    private bool TryPathOf(string key, out string path)
    {
        path = Path.GetFullPath(Path.Combine(_root, key));
        return path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private StoreAnswer OutsideFolder(string key) => StoreAnswer.Refused("KeyOutsideFolder", $"`{key}` leads out of {_root}");
}
