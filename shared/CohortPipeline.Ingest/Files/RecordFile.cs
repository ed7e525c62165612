using System.IO.Compression;

namespace CohortPipeline.Ingest;

/// <summary>
/// A file of producers' records (<c>docs/spec/inputs.md</c> §8): JSON lines, or CSV with a header, either of them gzipped.
/// Read as a stream, in the file's order. A line that is no record is handed out with its problem, and reading goes on.
/// </summary>
public sealed class RecordFile : IDisposable
{
    private static readonly string[] CsvEndings = [".csv", ".tsv"];
    private static readonly string[] JsonEndings = [".jsonl", ".ndjson", ".json"];

    private readonly CountingStream _source;
    private readonly LineBuffer _lines;
    private readonly ILineFormat _format;
    private readonly long _untimed;

    private RecordFile(string name, Stream stream, long length, CsvMap map, long untimed)
    {
        Name = name;
        _untimed = untimed;
        LengthBytes = length;
        _source = new(stream);
        var isZipped = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        _lines = new(isZipped ? new GZipStream(_source, CompressionMode.Decompress) : _source);
        _format = FormatOf(isZipped ? name[..^".gz".Length] : name, map);
    }

    public string Name { get; }

    /// <summary>Length of the file as it lies there, compressed or not.</summary>
    public long LengthBytes { get; }

    /// <summary>How much of <see cref="LengthBytes"/> was read: for a progress bar.</summary>
    public long ReadBytes => _source.ReadBytes;

    /// <summary>Opens a file; a name that ends with <c>.gz</c> is unzipped, one without a known ending is told by its first line.</summary>
    /// <exception cref="RecordFileException">There is no such file, or no record can be in it.</exception>
    public static RecordFile Open(string path, CsvMap map)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return Open(path, stream, stream.Length, map);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecordFileException($"cannot read {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a stream that has the contents of the file <paramref name="name"/>, and owns it.</summary>
    /// <param name="untimed">The timestamp of records before the first one that has a time, epoch milliseconds.</param>
    /// <exception cref="RecordFileException">No record can be in it.</exception>
    public static RecordFile Open(string name, Stream stream, long length, CsvMap map, long untimed = 0)
    {
        RecordFile? file = null;
        try
        {
            return file = new(name, stream, length, map, untimed);
        }
        finally
        {
            if (file is null)
                stream.Dispose();
        }
    }

    /// <summary>All lines, one after the other. The object is the same each time.</summary>
    public IEnumerable<FileLine> Read()
    {
        using var records = new LineRecords(_untimed);
        while (true)
        {
            bool isLine;
            try
            {
                isLine = _format.Next(records);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException)
            {
                // A gzipped file that was cut short, most likely; what came before it stands.
                records.Reject(_lines.LineNumber, $"the file cannot be read on: {exception.Message}");
                isLine = false;
            }

            while (records.TryTake(out var line))
                yield return line;
            if (!isLine)
                yield break;
        }
    }

    public void Dispose()
    {
        _format.Dispose();
        _lines.Dispose();
    }

    private ILineFormat FormatOf(string name, CsvMap map)
    {
        if (HasEnding(name, JsonEndings))
            return new JsonLines(_lines);
        if (HasEnding(name, CsvEndings))
            return new CsvLines(_lines, map);
        try
        {
            while (_lines.Window.TrimStart(" \t\r\n\uFEFF"u8).IsEmpty && _lines.Fill())
            {
            }
        }
        catch (InvalidDataException exception)
        {
            throw new RecordFileException($"cannot read {Name}: {exception.Message}", exception);
        }

        return _lines.Window.TrimStart(" \t\r\n\uFEFF"u8).StartsWith("{"u8) ? new JsonLines(_lines) : new CsvLines(_lines, map);
    }

    private static bool HasEnding(string name, string[] endings) =>
        Array.Exists(endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Takes one line or row from a file.</summary>
internal interface ILineFormat : IDisposable
{
    /// <summary>Hands the next line to <paramref name="records"/>; false at the end of the file.</summary>
    bool Next(LineRecords records);
}
