using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Ingest;

/// <summary>Gathers what producers did wrong and says it once an interval, with the first case of it: bad input must not flood the log.</summary>
internal sealed class ProblemLog(ILogger logger)
{
    private Problem? _deadLetter;
    private Problem? _clockAhead;

    public void DeadLetter(in LogRecord record, in NormalizedRecord item)
    {
        if (_deadLetter is not null)
            _deadLetter.Count++;
        else
            _deadLetter = new(record.Topic, record.Partition, record.Offset) { Reason = DeadLetterReasons.Name(item.Reason), Detail = item.Detail };
    }

    public void ClockAhead(in LogRecord record, long milliseconds)
    {
        if (_clockAhead is not null)
            _clockAhead.Count++;
        else
            _clockAhead = new(record.Topic, record.Partition, record.Offset) { Ahead = TimeSpan.FromMilliseconds(milliseconds) };
    }

    public void Write()
    {
        if (_deadLetter is { } letter)
            LogEvents.DeadLettered(logger, letter.Count, letter.Topic, letter.Partition, letter.Offset, letter.Reason, letter.Detail);
        if (_clockAhead is { } ahead)
            LogEvents.ClockAhead(logger, ahead.Count, ahead.Topic, ahead.Partition, ahead.Offset, ahead.Ahead);
        _deadLetter = null;
        _clockAhead = null;
    }

    private sealed class Problem(string topic, int partition, long offset)
    {
        public string Topic { get; } = topic;

        public int Partition { get; } = partition;

        public long Offset { get; } = offset;

        public string Reason { get; init; } = "";

        public string Detail { get; init; } = "";

        public TimeSpan Ahead { get; init; }

        public int Count { get; set; } = 1;
    }
}
