using System.Text;

namespace CohortPipeline.Ingest;

/// <summary>What a column of a CSV file is.</summary>
internal enum CsvField
{
    Property,
    Event,
    User,
    Device,
    Time,
    InsertId,
}

/// <summary>Which column is which: guessed by name, or as <c>--map event=event_type,user=user_id,…</c> says.</summary>
public sealed class CsvMap
{
    /// <summary>Guesses all columns.</summary>
    public static readonly CsvMap Guess = new([]);

    private static readonly (string Name, CsvField Field)[] Fields =
        [("event", CsvField.Event), ("user", CsvField.User), ("device", CsvField.Device), ("time", CsvField.Time), ("insert_id", CsvField.InsertId)];

    /// <summary>Names that columns have, without case, <c>_</c>, <c>-</c>, <c>$</c> and spaces; the first one found counts.</summary>
    private static readonly Dictionary<CsvField, string[]> Guesses = new()
    {
        [CsvField.Event] = ["event", "eventtype", "eventname"],
        [CsvField.User] = ["userid", "user"],
        [CsvField.Device] = ["deviceid", "device", "anonymousid"],
        [CsvField.Time] = ["time", "eventtime", "timestamp", "originaltimestamp"],
        [CsvField.InsertId] = ["insertid", "messageid", "eventid"],
    };

    private readonly Dictionary<CsvField, string> _columns;

    private CsvMap(Dictionary<CsvField, string> columns) => _columns = columns;

    /// <summary>Reads what <c>--map</c> says; fields that it does not name are guessed.</summary>
    /// <exception cref="RecordFileException">It names a field that there is not, or no column.</exception>
    public static CsvMap Parse(string text)
    {
        var columns = new Dictionary<CsvField, string>();
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals].TrimEnd();
            var field = Array.Find(Fields, candidate => candidate.Name == name).Field;
            if (field == CsvField.Property || equals < 0 || equals == pair.Length - 1)
                throw new RecordFileException($"--map has `{pair}`: expected field=column, with a field of {string.Join(", ", Fields.Select(candidate => candidate.Name))}");
            columns[field] = pair[(equals + 1)..].TrimStart();
        }

        return new(columns);
    }

    /// <summary>The field of each column.</summary>
    /// <exception cref="RecordFileException">A column that was named is not there, or none is the event's or a user's.</exception>
    internal CsvField[] FieldsOf(string[] header)
    {
        var fields = new CsvField[header.Length];
        foreach (var (name, field) in Fields)
        {
            var column = _columns.TryGetValue(field, out var named)
                ? Find(header, candidate => candidate == named) ?? throw new RecordFileException($"--map says {name}={named}, and the file has no such column: it has {string.Join(", ", header)}")
                : Guesses[field].Select(guess => Find(header, candidate => Simple(candidate) == guess)).FirstOrDefault(found => found is not null);
            if (column is { } index && fields[index] == CsvField.Property)
                fields[index] = field;
        }

        if (!fields.Contains(CsvField.Event) || (!fields.Contains(CsvField.User) && !fields.Contains(CsvField.Device)))
            throw new RecordFileException($"no column looks like the {(fields.Contains(CsvField.Event) ? "user or device id" : "event type")}: the file has {string.Join(", ", header)}. Say which with --map event=…,user=…");
        return fields;
    }

    private static int? Find(string[] header, Predicate<string> test) =>
        Array.FindIndex(header, test) is >= 0 and var index ? index : null;

    private static string Simple(string name)
    {
        var simple = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (character is not ('_' or '-' or '$' or ' '))
                simple.Append(char.ToLowerInvariant(character));
        }

        return simple.ToString();
    }
}
