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

    private static string Key(FileLayout layout, string cohortId, long boundary, string word, string extension)
    {
        var folder = layout.Path.Length == 0 ? "" : $"{layout.Path}/";
        var routing = layout.RoutingKey.Length == 0 ? "" : $"_{layout.RoutingKey}";
        var time = DateTimeOffset.FromUnixTimeMilliseconds(boundary).ToString("yyyy-MM-dd'T'HH-mm-ss", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{folder}{layout.ProjectId}_{cohortId}_{time}_{word}{routing}{layout.Suffix}.{extension}");
    }
}
