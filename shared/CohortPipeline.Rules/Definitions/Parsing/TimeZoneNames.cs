using System.Collections.Immutable;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>The names of the IANA time zone database, kept here so that a definition is judged alike on every machine.</summary>
internal static class TimeZoneNames
{
    private const string Resource = "CohortPipeline.Rules.Definitions.Parsing.time-zones.txt";

    private static readonly Lazy<ImmutableArray<string>> All = new(Load);

    public static string? Read(Cursor cursor)
    {
        const string expectation = "the IANA name of a time zone, such as Europe/Berlin";
        if (cursor.Text(expectation) is not { } name)
            return null;
        if (All.Value.BinarySearch(name, StringComparer.Ordinal) >= 0)
            return name;
        cursor.Error(cursor.Node.Line, cursor.Node.Column, cursor.Node.Description, expectation, NearestName.Of(name, All.Value));
        return null;
    }

    private static ImmutableArray<string> Load()
    {
        using var stream = typeof(TimeZoneNames).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {Resource}");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
