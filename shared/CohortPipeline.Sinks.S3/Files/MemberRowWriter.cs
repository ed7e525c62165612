using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>Turns a membership row into a row of CSV with the columns of a layout. One thread uses it.</summary>
internal sealed class MemberRowWriter
{
    private readonly MembershipReader _reader = new() { WithoutTimes = true };
    private readonly JsonScratch _scratch = new();
    private readonly FormulaHandling _formulas;
    private readonly byte[][] _properties;
    private readonly string[] _header;
    private readonly (int Start, int Length)[] _found;
    private readonly bool _matchesProperty;

    public MemberRowWriter(FileLayout layout)
    {
        _formulas = layout.Formulas;
        _matchesProperty = layout.MatchProperty is not null;
        string[] matched = layout.MatchProperty is { } match ? [match] : [];
        _properties = [.. matched.Concat(layout.UserProperties).Select(Encoding.UTF8.GetBytes)];
        _header = ["amplitudeID", layout.MatchProperty ?? "userID", .. layout.UserProperties];
        _found = new (int, int)[_properties.Length];
    }

    public void WriteHeader(CsvRow csv)
    {
        csv.Clear();
        foreach (var column in _header)
            csv.Text(column);
        csv.End();
    }

    /// <summary>False where the layout refuses formulas and the row has one: what was written is of no use then.</summary>
    /// <exception cref="InvalidDataException">The bytes are no membership row: whoever wrote the topic is not this pipeline.</exception>
    public bool TryWrite(ReadOnlySpan<byte> row, CsvRow csv)
    {
        csv.Clear();
        if (!_reader.TryRead(row, out var membership, out var error))
            throw new InvalidDataException(error);

        csv.Number(membership.AmplitudeId);
        Find(membership.Properties);
        _scratch.Start(membership.Properties.Length);
        var accepted = _matchesProperty || WriteText(membership.UserId, isAbsent: membership.UserId.IsEmpty, csv);
        foreach (var (start, length) in _found)
            accepted &= WriteProperty(membership.Properties.Slice(start, length), csv);
        csv.End();
        return accepted;
    }

    /// <summary>Notes where in the JSON object the value of each column lies.</summary>
    private void Find(ReadOnlySpan<byte> properties)
    {
        Array.Clear(_found);
        if (properties.IsEmpty || _found.Length == 0)
            return;
        var reader = new Utf8JsonReader(properties, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = ColumnsNamed(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            for (var index = column; index >= 0 && index < _found.Length; index++)
            {
                if (_properties[index].AsSpan().SequenceEqual(_properties[column]))
                    _found[index] = (start, (int)reader.BytesConsumed - start);
            }
        }
    }

    /// <summary>The first column of the property at the reader; -1 for none. A property may stand in several.</summary>
    private int ColumnsNamed(ref Utf8JsonReader reader)
    {
        for (var index = 0; index < _properties.Length; index++)
        {
            if (reader.ValueTextEquals(_properties[index]))
                return index;
        }

        return -1;
    }

    /// <summary>A text is written unescaped; a number, a truth value, an array, an object as its JSON; null and what is not there are absent.</summary>
    private bool WriteProperty(ReadOnlySpan<byte> json, CsvRow csv)
    {
        if (json.IsEmpty || json.SequenceEqual("null"u8))
        {
            csv.Absent();
            return true;
        }

        if (json[0] != (byte)'"')
        {
            csv.Text(json);
            return true;
        }

        var reader = new Utf8JsonReader(json, JsonText.ReaderOptions);
        reader.Read();
        return WriteText(_scratch.Text(ref reader), isAbsent: false, csv);
    }

    private bool WriteText(ReadOnlySpan<byte> text, bool isAbsent, CsvRow csv)
    {
        if (isAbsent)
        {
            csv.Absent();
            return true;
        }

        var guarded = _formulas != FormulaHandling.None && CsvRow.IsFormula(text);
        csv.Text(text, guarded ? "'"u8 : default);
        return !guarded || _formulas == FormulaHandling.Prefix;
    }
}
