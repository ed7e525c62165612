using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>A line of a file that was no record.</summary>
public sealed record BadLine(long Line, string Reason);

/// <summary>What became of a file: <paramref name="Errors"/> are the first of its bad lines, <paramref name="Until"/> the final watermark that was written.</summary>
public sealed record PublishedFile(string File, string Topic, long Records, long BadLines, IReadOnlyList<BadLine> Errors, string? Until);

/// <summary>What to publish, and how.</summary>
/// <param name="Path">Where the file lies.</param>
/// <param name="Name">Its name, which tells its format.</param>
/// <param name="Topic">Source topic; null: the first of events.</param>
/// <param name="Map">CSV columns, as <c>--map</c> gives them; null: guessed.</param>
/// <param name="Until">Final watermark: an instant, a date (UTC), or <c>end</c>, that of the newest record; null: none.</param>
public sealed record PublishRequest(string Path, string Name, string? Topic, string? Map, string? Until);

/// <summary>Publishes a file of producers' records to a source topic, and ends an import with the final watermark.</summary>
public sealed class FilePublishing
{
    /// <summary>Bad lines that are named; all are counted.</summary>
    private const int ErrorsMax = 20;

    private const string End = "end";

    private readonly ILog _log;
    private readonly PipelineOptions _options;
    private readonly FinalWatermark _watermark;
    private readonly TimeProvider _time;
    private readonly ILogger<FilePublishing> _logger;

    internal FilePublishing(ILog log, PipelineOptions options, FinalWatermark watermark, TimeProvider time, ILogger<FilePublishing> logger)
    {
        _log = log;
        _options = options;
        _watermark = watermark;
        _time = time;
        _logger = logger;
    }

    public async Task<ControlResult<PublishedFile>> PublishAsync(PublishRequest request, Action<PublishProgress>? onProgress, CancellationToken cancellation)
    {
        var topic = request.Topic ?? _options.EventTopics[0];
        if (!_options.SourceTopics.Contains(topic))
            return Invalid($"found topic `{topic}`, expected one that ingest reads: {string.Join(", ", _options.SourceTopics)}.");
        if (!TryParseUntil(request.Until, out var until))
            return Invalid($"found `{request.Until}` as the final watermark, expected an instant such as 2026-03-01T10:00:00Z, a date, or `{End}`.");
        try
        {
            return await Publish(request, topic, until, onProgress, cancellation);
        }
        catch (RecordFileException exception)
        {
            return Invalid(exception.Message);
        }
        catch (FencedException)
        {
            return new ControlError(ControlErrorKind.Conflict, "Another file is being published to this topic", $"found a second publisher of {topic}, expected one at a time: publish again when it has ended.");
        }
        catch (Exception exception) when (exception is LogUnavailableException or LogException)
        {
            return new ControlError(ControlErrorKind.Unavailable, "The file was not published to its end", exception.Message);
        }
    }

    private async Task<ControlResult<PublishedFile>> Publish(PublishRequest request, string topic, long? until, Action<PublishProgress>? onProgress, CancellationToken cancellation)
    {
        var map = request.Map is null ? CsvMap.Guess : CsvMap.Parse(request.Map);
        var publisher = new FilePublisher(_log, _options.Topics().Named($"publish.{topic}"), _time);

        // Without any time, with the wall clock for a clock, a record happens as it is published.
        var untimed = _options.Clock == ClockKind.Wall ? _time.GetUtcNow().ToUnixTimeMilliseconds() : 0;
        using (var file = Open(request, map, untimed))
            await publisher.CheckRetention(topic, file, cancellation);

        var errors = new List<BadLine>();
        PublishResult result;
        using (var file = Open(request, map, untimed))
        {
            var partitions = _options.Clock == ClockKind.Record ? _options.PartitionCount : (int?)null;
            result = await publisher.Publish(topic, file, partitions, onProgress, (line, reason) => Keep(errors, line, reason), cancellation);
        }

        LogEvents.Published(_logger, request.Name, topic, result.Published, result.Bad);
        if (request.Until == End)
            until = result.LatestTimestamp;
        if (until is { } instant)
        {
            var written = await _watermark.WriteAsync(instant, cancellation);
            if (written.IsError)
                return written.Error!;
        }

        return new PublishedFile(request.Name, topic, result.Published, result.Bad, errors, until is { } final ? Instant.ToRfc3339(final) : null);
    }

    private static RecordFile Open(PublishRequest request, CsvMap map, long untimed)
    {
        try
        {
            var stream = new FileStream(request.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return RecordFile.Open(request.Name, stream, stream.Length, map, untimed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecordFileException($"{request.Name}: {exception.Message}", exception);
        }
    }

    private static void Keep(List<BadLine> errors, long line, string reason)
    {
        if (errors.Count < ErrorsMax)
            errors.Add(new(line, reason));
    }

    private static bool TryParseUntil(string? text, out long? until)
    {
        until = null;
        if (text is null or End)
            return true;
        if (!InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            return false;
        until = instant;
        return true;
    }

    private static ControlError Invalid(string detail) => new(ControlErrorKind.Invalid, "The file was not published", detail);
}
