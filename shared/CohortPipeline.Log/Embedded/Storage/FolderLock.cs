namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>One process alone may have a folder open; the lock goes with the process, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    public static FolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new(new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new LogException($"The embedded log in {folder} cannot be opened: {error.Message} Check that the folder belongs to this user.", error);
        }
        catch (IOException error)
        {
            throw new LogException(
                $"The embedded log in {folder} is open in another process, and one alone can have it: stop that one, or reach it through its API. ({error.Message})",
                error);
        }
    }

    public void Dispose() => _file.Dispose();
}
