namespace CohortPipeline.Sinks.Snapshot;

/// <summary>
/// A folder of one process, deleted when it is done with. What a killed process left is deleted by the next that claims one
/// beside it: a lock on a file tells whether its owner lives.
/// </summary>
internal sealed class StoreFolder : IDisposable
{
    private const string NamePrefix = "cohort-sink-";
    private const string LockSuffix = ".lock";

    private readonly FileStream _lock;

    private StoreFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    public static StoreFolder Claim(string parent)
    {
        Directory.CreateDirectory(parent);
        foreach (var left in Directory.EnumerateFiles(parent, $"{NamePrefix}*{LockSuffix}"))
            DeleteIfLeft(left);
        var path = System.IO.Path.Combine(parent, NamePrefix + Guid.CreateVersion7().ToString("N"));
        var held = Hold(path + LockSuffix, FileMode.CreateNew);
        Directory.CreateDirectory(path);
        return new(path, held);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        File.Delete(_lock.Name);
        _lock.Dispose();
    }

    private static void DeleteIfLeft(string lockFile)
    {
        try
        {
            using var held = Hold(lockFile, FileMode.Open);
            var folder = lockFile[..^LockSuffix.Length];
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            File.Delete(lockFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its owner lives, is another user, or was quicker.
        }
    }

    private static FileStream Hold(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None);
}
