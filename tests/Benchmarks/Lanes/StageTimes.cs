using System.Diagnostics;
using System.Globalization;

namespace CohortPipeline.Benchmarks.Lanes;

/// <summary>
/// Where a lane's thread spends its time. A lane does one thing after the other, so that its calls to the processor split
/// all of it: what lies before a call of <c>Process</c> is the poll, what lies between <c>Stage</c> and <c>Promote</c> the commit.
/// </summary>
internal sealed class StageTimes
{
    private readonly Dictionary<string, long> _ticks = [];
    private long _last = Stopwatch.GetTimestamp();

    public const string Heading = "| stage of the lanes' threads, ns a record | poll | process | timers | stage | commit | promote | together |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

    public const string Poll = "poll";
    public const string Process = "process";
    public const string Timers = "timers";
    public const string Stage = "stage";
    public const string Commit = "commit";
    public const string Promote = "promote";

    private static readonly string[] Stages = [Poll, Process, Timers, Stage, Commit, Promote];

    /// <summary>The time since the call before this one was the stage's.</summary>
    public void Was(string stage)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[stage] = _ticks.GetValueOrDefault(stage) + now - _last;
        _last = now;
    }

    /// <summary>Another thread's, on top.</summary>
    public void Add(StageTimes other)
    {
        foreach (var (stage, ticks) in other._ticks)
            _ticks[stage] = _ticks.GetValueOrDefault(stage) + ticks;
    }

    public void Clear()
    {
        _ticks.Clear();
        _last = Stopwatch.GetTimestamp();
    }

    public string Row(string name, long records) =>
        $"| {name} | {string.Join(" | ", Stages.Select(stage => Text(_ticks.GetValueOrDefault(stage), records)))} | {Text(_ticks.Values.Sum(), records)} |";

    private static string Text(long ticks, long records) =>
        (Stopwatch.GetElapsedTime(0, ticks).TotalNanoseconds / records).ToString("N0", CultureInfo.InvariantCulture);
}
