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

    public override bool Matches(OracleEvent @event) => _steps.Append(_absent).Any(step => step?.Selection.Matches(@event) == true);

    /// <summary>Whether an event that no run can use any more is among them makes no difference: it that comes again is of no use either.</summary>
    public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, long instant) => events;

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
