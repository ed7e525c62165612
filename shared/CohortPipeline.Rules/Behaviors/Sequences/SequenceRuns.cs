using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Behaviors.Sequences;

/// <param name="Holds">Some run completed in the range.</param>
/// <param name="NextFlip">The earliest instant at which that could change by time alone; <see cref="EventRange.Never"/> for none.</param>
internal readonly record struct SequenceState(bool Holds, long NextFlip);

/// <summary>
/// Finds the instants at which runs of a sequence complete. Goes through the events once, in groups of equal time, whose
/// events may stand in any order; of each step it keeps, by the time of its event, the latest time at which a run that has
/// come so far can have begun: for a run's end nothing but these two times matters. Scratch memory, used again.
/// </summary>
internal sealed class SequenceRuns
{
    private const long NoRun = long.MinValue;

    private readonly LatestStart[] _before = [.. Enumerable.Range(0, Definitions.DefinitionLimits.SequenceStepsMax).Select(_ => new LatestStart())];
    private readonly StepMatching _matching = new();
    private readonly long[] _starts = new long[Definitions.DefinitionLimits.SequenceStepsMax];

    public SequenceState Find(SequenceShape shape, RememberedEvents events, EventRange range, long instant)
    {
        var times = events.Times;
        var steps = events.Values;
        var latestHeld = NoRun;
        var earliestDue = EventRange.Never;
        for (var step = 0; step < shape.StepCount; step++)
            _before[step].Clear();
        for (var first = 0; first < times.Length;)
        {
            var end = first + 1;
            while (end < times.Length && times[end] == times[first])
                end++;
            if (CompletesIn(shape, times[first], steps[first..end]) && !IsKeptFrom(shape, times, steps, end, times[first]))
            {
                var completion = times[first] + shape.CompletionDelay;
                if (completion > instant)
                    earliestDue = Math.Min(earliestDue, range.Contains(completion, completion) ? completion : EventRange.Never);
                else if (range.Contains(completion, instant))
                    latestHeld = completion;
            }

            first = end;
        }

        var holds = latestHeld != NoRun;
        return new(holds, holds ? Math.Min(earliestDue, range.LeavesAt(latestHeld)) : earliestDue);
    }

    /// <summary>Takes a group of events of one time into the runs; answers whether one of them ends with it.</summary>
    private bool CompletesIn(SequenceShape shape, long time, ReadOnlySpan<Int128> group)
    {
        var last = shape.StepCount - 1;
        var completes = false;
        Array.Fill(_starts, NoRun, 0, shape.StepCount);
        for (var from = 0; from <= last; from++)
        {
            var start = from == 0 ? time : _before[from - 1].LatestWithin(time, shape.Steps[from].Within);
            if (start == NoRun)
                continue;
            _matching.Begin(group);
            for (var to = from; to <= last && _matching.TryAdd(to); to++)
            {
                _starts[to] = Math.Max(_starts[to], start);
                if (to == last)
                    completes |= IsInSpan(shape, start, time) && _matching.CanUseAll(shape.AbsentBit, from, last);
            }
        }

        for (var step = 0; step < last; step++)
        {
            if (_starts[step] != NoRun)
                _before[step].Add(time, _starts[step]);
        }

        return completes;
    }

    private static bool IsInSpan(SequenceShape shape, long start, long time) => shape.Span == EventRange.Never || time - start < shape.Span;

    /// <summary>Whether an event that must not come does, after the last positive step. Those at its very time are the matching's business: they may be the run's own.</summary>
    private static bool IsKeptFrom(SequenceShape shape, ReadOnlySpan<long> times, ReadOnlySpan<Int128> steps, int next, long time)
    {
        for (; next < times.Length && times[next] - time < shape.CompletionDelay; next++)
        {
            if (((uint)steps[next] & shape.AbsentBit) != 0)
                return true;
        }

        return false;
    }

    /// <summary>Of runs that have come to one step: the latest beginning among those whose last event is recent enough. Times only rise, so what an equally late or later beginning overtakes is dropped.</summary>
    private sealed class LatestStart
    {
        private (long Time, long Start)[] _queue = new (long, long)[8];
        private int _head;
        private int _tail;

        public void Clear() => _head = _tail = 0;

        public void Add(long time, long start)
        {
            while (_tail > _head && _queue[_tail - 1].Start <= start)
                _tail--;
            if (_tail == _queue.Length)
                Array.Resize(ref _queue, _queue.Length * 2);
            _queue[_tail++] = (time, start);
        }

        public long LatestWithin(long time, long within)
        {
            while (_head < _tail && within != EventRange.Never && time - _queue[_head].Time >= within)
                _head++;
            return _head < _tail ? _queue[_head].Start : NoRun;
        }
    }
}
