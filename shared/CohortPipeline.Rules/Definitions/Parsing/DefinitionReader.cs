using System.Collections.Immutable;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Definitions.Parsing;

/// <summary>Reads the fields of one definition.</summary>
internal static class DefinitionReader
{
    private const string Id = "id";
    private const string Where = "where";

    private static readonly Vocabulary Fields = new([Id, "name", "description", "time_zone", "export_properties", "labels", Where]);

    /// <param name="cursor">At the definition.</param>
    /// <param name="ids">The ids of the file so far; takes this one.</param>
    public static CohortDefinition? Read(Cursor cursor, Dictionary<string, SourceNode> ids)
    {
        if (cursor.Members("a definition: an object with `id` and `where`") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        string? id = null;
        string? name = null;
        var description = "";
        var timeZone = CohortDefinition.DefaultTimeZone;
        ImmutableArray<string> exports = [];
        var labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        Clause? where = null;
        foreach (var member in members.OrderBy(member => member.Name == Where))
        {
            // The clauses last: what they say of times depends on the time zone, wherever it stands.
            var value = cursor.Member(member);
            switch (member.Name)
            {
                case Id: id = ReadId(value, ids); break;
                case "name": name = ReadName(value); break;
                case "description": description = value.Text("a text") ?? description; break;
                case "time_zone": timeZone = TimeZoneNames.Read(value) ?? timeZone; break;
                case "export_properties": exports = ReadExports(value); break;
                case "labels": labels = ReadLabels(value, labels); break;
                case Where: where = new ClauseReader(ZoneCalendar.Of(timeZone)).Read(value); break;
                default: Fields.Refuse(cursor, member.Name, member.Line, member.Column); break;
            }
        }

        if (members.All(member => member.Name != Id))
            cursor.Error("no `id`", IdExpectation);
        if (members.All(member => member.Name != Where))
            cursor.Error("no `where`", "a clause");
        return cursor.ErrorCount == errorsBefore ? new(id!, name ?? id!, description, timeZone, exports, labels, where!) : null;
    }

    private static string IdExpectation => $"an id of 1 to {DefinitionLimits.IdCharactersMax} characters: [a-z0-9][a-z0-9_-]*";

    private static string? ReadId(Cursor cursor, Dictionary<string, SourceNode> ids)
    {
        var id = ReadReference(cursor);
        if (id is not null && !ids.TryAdd(id, cursor.Node))
            cursor.Error($"`{id}` a second time (first in line {ids[id].Line})", "each id once in a file");
        return id;
    }

    /// <summary>The id of some definition.</summary>
    public static string? ReadReference(Cursor cursor)
    {
        if (cursor.Text(IdExpectation) is not { } id)
            return null;
        var isId = id.Length is > 0 and <= DefinitionLimits.IdCharactersMax
            && char.IsAsciiLetterOrDigit(id[0])
            && id.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_' or '-');
        if (!isId)
            cursor.Error(IdExpectation);
        return isId ? id : null;
    }

    private static string? ReadName(Cursor cursor)
    {
        var expectation = $"a text of 1 to {DefinitionLimits.NameCharactersMax} characters";
        if (cursor.Text(expectation) is not { } name)
            return null;
        var characters = name.EnumerateRunes().Count();
        if (characters is > 0 and <= DefinitionLimits.NameCharactersMax)
            return name;
        cursor.Error($"a text of {characters} characters", expectation);
        return null;
    }

    private static ImmutableArray<string> ReadExports(Cursor cursor)
    {
        const string expectation = "a list of property names, or [\"*\"] for all";
        if (cursor.All(item => item.Text("a property name, a text"), expectation, 0, DefinitionLimits.ValuesMax) is not { } names)
            return [];
        if (names.Length > 1 && names.Contains(CohortDefinition.AllProperties))
            cursor.Error("\"*\" beside other names", expectation);
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    private static ImmutableSortedDictionary<string, string> ReadLabels(Cursor cursor, ImmutableSortedDictionary<string, string> labels)
    {
        foreach (var member in cursor.Members("an object of texts") ?? [])
        {
            if (cursor.Member(member).Text("a text") is { } text)
                labels = labels.SetItem(member.Name, text);
        }

        return labels;
    }
}
