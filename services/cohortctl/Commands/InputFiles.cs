namespace CohortPipeline.CohortCtl;

/// <summary>A file or folder named on the command line that cannot be read.</summary>
internal sealed class InputFileException(string message) : Exception(message);

/// <summary>Files named on the command line; a folder stands for the YAML and JSON files in it.</summary>
internal static class InputFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    public static IReadOnlyList<(string Name, string Text)> Read(IEnumerable<string> paths)
    {
        var files = new List<(string, string)>();
        foreach (var path in paths)
        {
            foreach (var file in Expand(path))
                files.Add((file, ReadText(file)));
        }

        return files;
    }

    private static string[] Expand(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        var found = Directory.EnumerateFiles(path)
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && !Path.GetFileNameWithoutExtension(file).EndsWith(".cohort-test", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return found.Length > 0 ? found : throw new InputFileException($"{path}: found no .yaml, .yml or .json file in this folder, expected at least one.");
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
