using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Steps in order. Every run is tried: each choice of different events, one a step.</summary>
internal sealed class OracleSequence : OracleBehavior
{
    private readonly Step[] _steps;
    private readonly Step? _absent;
    private readonly long? _span;

    private OracleSequence(Step[] steps, Step? absent, long? span, OracleRange range)
        : base($"sequence {string.Join(" then ", steps.Append(absent).Select(step => $"{step?.Selection.Text} {step?.Within}"))} span {span} {range.Text}", range)
    {
        _steps = steps;
        _absent = absent;
        _span = span;
    }

    public static OracleSequence Parse(JsonElement json, OracleCalendar calendar)
    {
        var steps = json.GetProperty("steps").EnumerateArray().ToList();
        var absent = OracleJson.Member(steps[^1], "not") is { } not ? new Step(OracleSelection.Parse(not), Duration(steps[^1], "within")) : null;
        return new(
            [.. steps.SkipLast(absent is null ? 0 : 1).Select(step => new Step(OracleSelection.Parse(step), Duration(step, "within")))],
            absent,
            Duration(json, "span"),
            OracleRange.Parse(json, calendar));
    }

    public override bool KeepsEveryEvent => true;

    public override bool Matches(OracleEvent @event) => _steps.Append(_absent).Any(step => step?.Selection.Matches(@event) == true);

    /// <summary>Those that a run can still use which completes in the range, now or later; other events of it may come as late as they like.</summary>
    public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, long instant) =>
        events.Where(@event => @event.Time < Range.End && LatestCompletions(@event).Any(latest => latest >= Range.FirstTime(instant)));

    public override IEnumerable<long> Flips(IReadOnlyList<OracleEvent> events) =>
        Completions(events).SelectMany(completion => Range.LeavesAt(completion) is { } end ? [completion, end] : (long[])[completion]);

    /// <summary>The instants at which a run completes, those to come among them.</summary>
    public IReadOnlySet<long> Completions(IReadOnlyList<OracleEvent> events)
    {
        var completions = new HashSet<long>();
        var choices = _steps.Select(step => events.Where(step.Selection.Matches).ToList()).ToList();
        Extend([]);
        return completions;

        void Extend(List<OracleEvent> run)
        {
            if (run.Count == _steps.Length)
            {
                if (CompletionOf(run, events) is { } completion)
                    completions.Add(completion);
                return;
            }

            foreach (var next in choices[run.Count].Where(next => MayFollow(run, next)))
                Extend([.. run, next]);
        }
    }

    private bool MayFollow(List<OracleEvent> run, OracleEvent next) =>
        run.Count == 0
        || (!run.Contains(next)
            && run[^1].Time <= next.Time
            && (_steps[run.Count].Within is not { } within || next.Time - run[^1].Time < within)
            && (_span is not { } span || next.Time - run[0].Time < span));

    /// <summary>For each step that the event may stand for: when a run that has it there completes at the latest, or is kept from it.</summary>
    private IEnumerable<long> LatestCompletions(OracleEvent @event)
    {
        var delay = _absent?.Within ?? 0;
        for (var i = 0; i < _steps.Length; i++)
        {
            var toLast = _steps.Skip(i + 1).Aggregate((long?)0, (sum, step) => sum + step.Within - 1);
            if (_span is { } span && (toLast is null || toLast > span - 1))
                toLast = span - 1;
            if (_steps[i].Selection.Matches(@event))
                yield return toLast is { } most ? @event.Time + most + delay : long.MaxValue;
        }

        if (_absent?.Selection.Matches(@event) == true)
            yield return @event.Time + delay;
    }

    private long? CompletionOf(List<OracleEvent> run, IReadOnlyList<OracleEvent> events)
    {
        var last = run[^1].Time;
        if (_absent is null)
            return last;
        var end = last + _absent.Within!.Value;
        return events.Any(other => !run.Contains(other) && last <= other.Time && other.Time < end && _absent.Selection.Matches(other)) ? null : end;
    }

    private static long? Duration(JsonElement json, string name) =>
        OracleJson.Member(json, name) is { } duration ? OracleDuration.Parse(duration.GetString()!) : null;

    private sealed record Step(OracleSelection Selection, long? Within);
}
