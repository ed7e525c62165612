using System.Globalization;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>The three files of a sync.</summary>
public enum DiffType
{
    /// <summary>Members now, not at the last sync.</summary>
    Entering,

    /// <summary>Members at the last sync, not now.</summary>
    Exiting,

    /// <summary>Members at the last sync.</summary>
    Existing,
}

/// <summary>The keys of a sync's objects. Boundaries are whole seconds, so no two syncs of a cohort share one.</summary>
public static class ObjectNames
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH-mm-ss";
    private const int TimeFormatLength = 19;

    /// <summary>The files of a sync in the order in which they are uploaded.</summary>
    public static IReadOnlyList<DiffType> DiffTypes { get; } = [DiffType.Entering, DiffType.Exiting, DiffType.Existing];

    public static string WordOf(DiffType type) => type switch
    {
        DiffType.Entering => "entering",
        DiffType.Exiting => "exiting",
        DiffType.Existing => "existing",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such file"),
    };

    public static string File(FileLayout layout, string cohortId, long boundary, DiffType type) =>
        Key(layout, cohortId, boundary, WordOf(type), "csv");

    /// <summary>The manifest: a set is complete when it is there.</summary>
    public static string Manifest(FileLayout layout, string cohortId, long boundary) =>
        Key(layout, cohortId, boundary, "manifest", "json");

    /// <summary>What a check writes: no name of a sync's.</summary>
    public static string Probe(FileLayout layout) => $"{Folder(layout)}cohort-pipeline-check.txt";

    /// <summary>What every key of a destination begins with.</summary>
    public static string Prefix(FileLayout layout) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder(layout)}{layout.ProjectId}_");

    /// <summary>The cohort of a file's key, if it is named as a destination's are.</summary>
    public static bool TryCohortOf(FileLayout layout, string key, out string cohortId)
    {
        cohortId = "";
        if (!key.StartsWith(Prefix(layout), StringComparison.Ordinal))
            return false;
        var name = key[Prefix(layout).Length..];
        foreach (var type in DiffTypes)
        {
            var end = $"_{WordOf(type)}{Routing(layout)}{layout.Suffix}.csv";
            var length = name.Length - end.Length - TimeFormatLength - 1;
            if (length <= 0 || !name.EndsWith(end, StringComparison.Ordinal) || name[length] != '_' || !IsTime(name.AsSpan(length + 1, TimeFormatLength)))
                continue;
            cohortId = name[..length];
            return true;
        }

        return false;
    }

    private static bool IsTime(ReadOnlySpan<char> text) =>
        DateTime.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static string Folder(FileLayout layout) => layout.Path.Length == 0 ? "" : $"{layout.Path}/";

    private static string Routing(FileLayout layout) => layout.RoutingKey.Length == 0 ? "" : $"_{layout.RoutingKey}";

    private static string Key(FileLayout layout, string cohortId, long boundary, string word, string extension)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(boundary).ToString(TimeFormat, CultureInfo.InvariantCulture);
        return $"{Prefix(layout)}{cohortId}_{time}_{word}{Routing(layout)}{layout.Suffix}.{extension}";
    }
}
