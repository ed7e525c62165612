using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>
/// Ends an import: once the ingest groups' committed offsets have passed what was the end of every source partition when
/// this began, writes <c>until: X</c> to every partition of <c>activity</c>, in one transaction.
/// </summary>
internal sealed class FinalWatermark(ILog log, ControlTransactions transactions, PipelineOptions options, TimeProvider time, ILogger<FinalWatermark> logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly PipelineTopics _topics = options.Topics();
    private readonly PipelineGroups _groups = new(options.Topics());

    public async Task<ControlResult<bool>> WriteAsync(long until, CancellationToken cancellation)
    {
        try
        {
            var waiting = new List<SourceEnd>();
            foreach (var (group, topic) in Sources())
                waiting.Add(new(group, topic, await log.Admin.EndOffsetsAsync(topic, Isolation.Committed, cancellation)));
            foreach (var source in waiting)
                await WaitUntilRead(source, cancellation);
        }
        catch (LogUnavailableException exception)
        {
            return new ControlError(ControlErrorKind.Unavailable, "The log does not answer", $"{exception.Message}. The final watermark was not written: ask for it again.");
        }

        var written = await transactions.WriteAsync(_topics.CohortDefinitions, _ => Draft(until), cancellation);
        if (!written.IsError)
            LogEvents.FinalWatermark(logger, Instant.ToRfc3339(until));
        return written;
    }

    private IEnumerable<(string Group, string Topic)> Sources() =>
        options.EventTopics.Select(topic => (_groups.EventIngest, topic)).Concat(options.IdentifyTopics.Select(topic => (_groups.IdentifyIngest, topic))).Distinct();

    private async Task WaitUntilRead(SourceEnd source, CancellationToken cancellation)
    {
        while (true)
        {
            var committed = await log.Admin.CommittedAsync(source.Group, source.Topic, cancellation);
            if (source.IsReached(committed))
                return;
            await Task.Delay(LookInterval, time, cancellation);
        }
    }

    private ControlResult<ControlDraft<bool>> Draft(long until)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            ActivityWriter.Write(writer, new() { Type = ActivityType.Watermark, Until = until });
        var value = buffer.WrittenSpan.ToArray();
        return new ControlDraft<bool>(true, [.. Enumerable.Range(0, _topics.Activity.PartitionCount).Select(partition => new ControlAppend(_topics.Activity.Name, partition, "until"u8.ToArray(), value))]);
    }

    /// <summary>What was a topic's end when the wait began.</summary>
    private sealed record SourceEnd(string Group, string Topic, long[] Ends)
    {
        public bool IsReached(CommittedPosition[] committed) =>
            !Ends.Where((end, partition) => end > 0 && committed[partition].Offset < end).Any();
    }
}
