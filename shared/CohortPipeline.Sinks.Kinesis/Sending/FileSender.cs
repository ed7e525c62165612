using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Writes records to a file instead of a stream: a line a record, <c>{"partition_key": "…", "data": …}</c>, the payload byte for
/// byte. A request is on disk before it is answered. A line that a crash tore off is cut when the file is opened.
/// </summary>
internal sealed class FileSender : IRecordSender
{
    private const int TailBytes = 64 * 1024;
    private const string Operation = "write";

    private readonly string _path;
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly Utf8JsonWriter _text;
    private FileStream? _file;
    private long _length;

    public FileSender(string folder, string destinationId)
    {
        _path = Path.Combine(folder, $"{destinationId}.jsonl");
        _text = new(_lines, JsonText.WriterOptions);
    }

    public Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation) => Task.Run(() => Send(request), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _text.DisposeAsync();
        if (_file is not null)
            await _file.DisposeAsync();
    }

    private DeliveryResponse Send(DeliveryRequest request)
    {
        lock (_lines)
        {
            try
            {
                _file ??= Open();
                Write(_file, request);
                return DeliveryResponse.Answered(new EntryResult[request.Records.Count]);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                return DeliveryResponse.Failed(FailureKind.Refused, exception.GetType().Name, $"{Operation} {_path}: {exception.Message}");
            }
        }
    }

    private void Write(FileStream file, DeliveryRequest request)
    {
        _lines.ResetWrittenCount();
        foreach (var record in request.Records)
        {
            _lines.Write("{\"partition_key\": "u8);
            _text.Reset();
            _text.WriteStringValue(record.PartitionKey);
            _text.Flush();
            _lines.Write(", \"data\": "u8);
            _lines.Write(record.Data.Span);
            _lines.Write("}\n"u8);
        }

        // Whatever a failed attempt left behind the last whole line is written over.
        file.SetLength(_length);
        file.Position = _length;
        file.Write(_lines.WrittenSpan);
        file.Flush(flushToDisk: true);
        _length = file.Position;
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _length = EndOfLastLine(file);
        return file;
    }

    /// <summary>The length up to and including the last line feed.</summary>
    private static long EndOfLastLine(FileStream file)
    {
        var tail = new byte[TailBytes];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - tail.Length);
            file.Position = start;
            var part = tail.AsSpan(0, (int)(end - start));
            file.ReadExactly(part);
            var feed = part.LastIndexOf((byte)'\n');
            if (feed >= 0)
                return start + feed + 1;
            end = start;
        }

        return 0;
    }
}
