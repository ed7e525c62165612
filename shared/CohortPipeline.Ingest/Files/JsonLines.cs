namespace CohortPipeline.Ingest;

/// <summary>A record a line, in any shape. Empty lines are nothing.</summary>
internal sealed class JsonLines(LineBuffer lines) : ILineFormat
{
    private int _used;

    public bool Next(LineRecords records)
    {
        // The line before is still borrowed until now.
        lines.Skip(_used);
        _used = 0;
        while (true)
        {
            var length = lines.LineLength(0);
            if (length < 0)
            {
                if (lines.Window.Length > LineBuffer.LineBytesMax)
                {
                    records.Reject(lines.LineNumber, $"a line of more than {LineBuffer.LineBytesMax} bytes");
                    lines.SkipLine();
                    return true;
                }

                lines.Fill();
                continue;
            }

            if (lines.IsEmpty)
                return false;
            var whole = Math.Min(length + 1, lines.Window.Length);
            if (!lines.Window[..length].Trim(" \t\r"u8).IsEmpty)
            {
                records.Accept(lines.LineNumber, lines.Memory(0, length));
                _used = whole;
                return true;
            }

            lines.Skip(whole);
        }
    }

    public void Dispose()
    {
        // The lines are the file's.
    }
}
