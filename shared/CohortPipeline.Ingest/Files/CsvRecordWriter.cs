using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>Rows of a CSV file as records in the plain shape. Every column that is no field of it is a property.</summary>
internal sealed class CsvRecordWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly Utf8JsonWriter _writer;
    private readonly byte[][] _names;
    private readonly CsvField[] _fields;

    public CsvRecordWriter(string[] header, CsvMap map)
    {
        _writer = new(_value, JsonText.WriterOptions);
        _fields = map.FieldsOf(header);
        _names = [.. header.Select((name, column) => Encoding.UTF8.GetBytes(name.Length > 0 ? name : $"column_{column + 1}"))];
    }

    public int ColumnCount => _fields.Length;

    /// <summary>The row as JSON, borrowed until the next one.</summary>
    public ReadOnlyMemory<byte> Write(CsvRow row, ReadOnlySpan<byte> window)
    {
        _value.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        for (var column = 0; column < _fields.Length; column++)
        {
            var cell = row.Cell(window, column);
            if (cell.IsEmpty)
                continue;
            switch (_fields[column])
            {
                case CsvField.Event: _writer.WriteString("event"u8, cell); break;
                case CsvField.User: _writer.WriteString("user_id"u8, cell); break;
                case CsvField.Device: _writer.WriteString("device_id"u8, cell); break;
                case CsvField.InsertId: _writer.WriteString("insert_id"u8, cell); break;
                case CsvField.Time: WriteTyped("time"u8, cell); break;
            }
        }

        WriteProperties(row, window);
        _writer.WriteEndObject();
        _writer.Flush();
        return _value.WrittenMemory;
    }

    public void Dispose() => _writer.Dispose();

    private void WriteProperties(CsvRow row, ReadOnlySpan<byte> window)
    {
        _writer.WriteStartObject("properties"u8);
        for (var column = 0; column < _fields.Length; column++)
        {
            var cell = row.Cell(window, column);
            if (_fields[column] == CsvField.Property && !cell.IsEmpty)
                WriteTyped(_names[column], cell);
        }

        _writer.WriteEndObject();
    }

    /// <summary>A cell that is a JSON number is a number, <c>true</c> and <c>false</c> are booleans, all else is text.</summary>
    private void WriteTyped(ReadOnlySpan<byte> name, ReadOnlySpan<byte> cell)
    {
        if (cell.SequenceEqual("true"u8) || cell.SequenceEqual("false"u8) || NumericText.IsJsonNumber(cell))
        {
            _writer.WritePropertyName(name);
            _writer.WriteRawValue(cell, skipInputValidation: true);
        }
        else
        {
            _writer.WriteString(name, cell);
        }
    }
}
