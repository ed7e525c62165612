namespace CohortPipeline.Ingest;

/// <summary>A window over a stream that grows while a reader looks for the end of a line or row, and slides on behind it.</summary>
internal sealed class LineBuffer(Stream stream) : IDisposable
{
    /// <summary>A line or row longer than this is none: most likely a quote that is never closed, or no text at all.</summary>
    public const int LineBytesMax = 4 * 1024 * 1024;

    private const int ReadBytes = 128 * 1024;

    private byte[] _buffer = new byte[ReadBytes * 2];
    private int _start;
    private int _end;

    /// <summary>True once everything of the stream is in the window.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Number of the line at the start of the window, from 1.</summary>
    public long LineNumber { get; private set; } = 1;

    public ReadOnlySpan<byte> Window => _buffer.AsSpan(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    public ReadOnlyMemory<byte> Memory(int start, int length) => _buffer.AsMemory(_start + start, length);

    /// <summary>Reads on; false at the end of the stream. What was looked at so far keeps its place in the window.</summary>
    public bool Fill()
    {
        if (IsComplete)
            return false;
        if (_start > 0)
        {
            Window.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length - _end < ReadBytes)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer, _end, ReadBytes);
        _end += read;
        IsComplete = read == 0;
        return read > 0;
    }

    /// <summary>Length of the line at <paramref name="from"/> without its end; -1 if the window does not hold its end and more may come.</summary>
    public int LineLength(int from)
    {
        var length = Window[from..].IndexOf((byte)'\n');
        return length >= 0 ? length : IsComplete ? Window.Length - from : -1;
    }

    /// <summary>Goes on behind so many bytes.</summary>
    public void Skip(int bytes)
    {
        LineNumber += Window[..bytes].Count((byte)'\n');
        _start += bytes;
    }

    /// <summary>Goes on behind the line at the start, however long it is.</summary>
    public void SkipLine()
    {
        while (true)
        {
            var length = LineLength(0);
            if (length >= 0)
            {
                Skip(Math.Min(length + 1, Window.Length));
                return;
            }

            Skip(Window.Length);
            if (!Fill())
                return;
        }
    }

    public void Dispose() => stream.Dispose();
}
