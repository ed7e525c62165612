namespace CohortPipeline.CohortCtl;

/// <summary>A file or folder named on the command line that cannot be read.</summary>
internal sealed class InputFileException(string message, IReadOnlyList<string>? details = null) : Exception(message)
{
    public IReadOnlyList<string> Details { get; } = details ?? [];
}

/// <summary>Files named on the command line; a folder stands for the YAML and JSON files in it and in its folders, hidden ones left out.</summary>
internal static class InputFiles
{
    private const string TestExtension = ".cohort-test";

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    private static readonly EnumerationOptions AllFolders = new() { RecurseSubdirectories = true, IgnoreInaccessible = false };

    public static IReadOnlyList<(string Name, string Text)> Read(IEnumerable<string> paths) => Read(paths, areTests: false);

    /// <summary>Of a folder the test files, and these alone.</summary>
    public static IReadOnlyList<(string Name, string Text)> ReadTests(IEnumerable<string> paths) => Read(paths, areTests: true);

    private static List<(string Name, string Text)> Read(IEnumerable<string> paths, bool areTests)
    {
        var files = new List<(string, string)>();
        foreach (var path in paths)
        {
            foreach (var file in Expand(path, areTests))
                files.Add((file, ReadText(file)));
        }

        return files;
    }

    private static string[] Expand(string path, bool areTests)
    {
        if (!Directory.Exists(path))
            return [path];
        var found = Directory.EnumerateFiles(path, "*", AllFolders)
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && Path.GetFileNameWithoutExtension(file).EndsWith(TestExtension, StringComparison.Ordinal) == areTests)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return found.Length > 0 ? found : throw new InputFileException($"{path}: found no {(areTests ? $"{TestExtension}.yaml" : ".yaml, .yml or .json")} file in this folder, expected at least one.");
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputFileException($"{file}: {exception.Message}");
        }
    }
}
