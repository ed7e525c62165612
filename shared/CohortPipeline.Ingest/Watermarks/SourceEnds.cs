using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Ingest;

/// <summary>
/// Asks where the source partitions end, once an interval, without holding the lane up: the answer is looked at when it is
/// there. Ends are asked with open transactions included, so that nothing that lies in the log unread is overlooked.
/// </summary>
internal sealed class SourceEnds(ILogAdmin admin, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private Task<Answer[]>? _asked;
    private long _askedAt;
    private long _instant;

    /// <summary>Takes an answer if there is one, and asks again when it is time. True if there was an answer.</summary>
    public bool Turn(SourceWatermarks watermarks)
    {
        if (_asked is { IsCompleted: true })
            return Take(watermarks);
        if (_asked is null && (_askedAt == 0 || time.GetElapsedTime(_askedAt) >= interval))
            Ask(watermarks);
        return false;
    }

    private void Ask(SourceWatermarks watermarks)
    {
        var topics = watermarks.Topics.ToArray();
        if (topics.Length == 0)
            return;
        _askedAt = time.GetTimestamp();
        _instant = time.GetUtcNow().ToUnixTimeMilliseconds();
        _asked = Task.WhenAll(topics.Select(AskTopic));
    }

    private async Task<Answer> AskTopic(string topic)
    {
        try
        {
            return new(topic, await admin.EndOffsetsAsync(topic, Isolation.Uncommitted, CancellationToken.None).ConfigureAwait(false));
        }
        catch (LogUnavailableException exception)
        {
            LogEvents.EndsUnknown(logger, topic, exception.Message);
            return new(topic, []);
        }
    }

    private bool Take(SourceWatermarks watermarks)
    {
        foreach (var answer in _asked!.GetAwaiter().GetResult())
        {
            if (answer.Ends.Length > 0)
                watermarks.Ends(answer.Topic, _instant, answer.Ends);
        }

        _asked = null;
        return true;
    }

    private sealed record Answer(string Topic, long[] Ends);
}
