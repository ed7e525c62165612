using System.Diagnostics;
using System.Globalization;
using CohortPipeline.Benchmarks.Replay;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;
using CohortPipeline.State;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>
/// What the parts of processing an event take: the evaluator's own parts, one after the other over the same records, with a
/// look at a clock between them whose own time is taken off.
/// </summary>
internal sealed class StepBudget
{
    public const string Heading = "| part of processing, ns a record | look-ahead | decode | load | step | write back | together |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |";

    private const int RecordsPerCommit = 30_000;

    private const int ClockReads = 1_000_000;

    private readonly CohortPlan _plan;
    private readonly ProfileStore _store = new();
    private readonly ProfileLookahead _lookahead = new();
    private readonly TimerQueue _timers;
    private readonly ActivityReader _activity = new();
    private readonly Profile _profile = new();
    private readonly Stepper _stepper = new();
    private readonly Transition _transition = new();
    private readonly ByteWriter _bytes = new();
    private readonly long[] _ticks = new long[5];
    private long _last;
    private long _written;

    public StepBudget(IReadOnlyList<CohortDefinition> cohorts)
    {
        _plan = CohortPlan.Empty.Apply([.. cohorts.Select(cohort => new CohortChange(cohort.Id, 1, cohort))]);
        _timers = new(_store);
    }

    /// <summary>Memory of a profile once it has been measured: its bytes, its key and its share of the index.</summary>
    public double BytesPerProfile => (double)_store.Bytes / _store.ProfileCount;

    /// <summary>A profile's stored form as it was written back, on average: the value of its record in the changelog.</summary>
    public double BytesWritten { get; private set; }

    /// <summary>The row of one partition's records, of which the first <paramref name="share"/> of them do not count.</summary>
    public string Measure(ReplayPartition partition, double share)
    {
        var records = partition.Records;
        var first = (int)(records.Length * share);
        var seen = 0;
        _lookahead.Clear();
        for (var i = 0; i < records.Length; i++)
        {
            if (i == first)
                Array.Clear(_ticks);
            _last = Stopwatch.GetTimestamp();
            for (; seen < records.Length && !_lookahead.IsFull; seen++)
                _lookahead.See(_store, records[seen].Key);
            var keyHash = _lookahead.Take();
            Was(0);
            if (!records[i].Key.IsEmpty)
                Apply(records[i], keyHash);
            if (i % RecordsPerCommit == 0)
                _store.Promote();
        }

        BytesWritten = (double)_written / records.Length;
        var (counted, clock) = (records.Length - first, ClockTicks());
        var parts = _ticks.Select(ticks => Math.Max(0, (Nanoseconds(ticks) / counted) - clock)).ToList();
        return $"| evaluator | {string.Join(" | ", parts.Append(parts.Sum()).Select(part => part.ToString("N0", CultureInfo.InvariantCulture)))} |";
    }

    private void Apply(in LogRecord record, int keyHash)
    {
        var key = record.Key;
        if (!_activity.TryRead(record.Value, out var activity, out var error))
            throw new InvalidOperationException(error);
        Was(1);

        var entry = _store.FindOrAdd(key, keyHash);
        ProfileCodec.Read(key, _store.Read(entry), _profile);
        Was(2);

        var instant = Clock.InstantOf(activity.Timestamp, activity.Timestamp, _profile.LastInstant);
        while (_stepper.TryFire(_plan, _profile, instant, _transition))
        {
            // Deltas are not written here.
        }

        _stepper.Apply(_plan, _profile, activity, instant, _transition);
        Was(3);

        ProfileCodec.Write(key, _profile, _bytes);
        _store.Stage(entry, _bytes.Written);
        _written += _bytes.Written.Length;
        _timers.Arm(entry, _profile.NextTimer);
        Was(4);
    }

    private void Was(int part)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[part] += now - _last;
        _last = now;
    }

    /// <summary>What a look at the clock takes, in nanoseconds.</summary>
    private static double ClockTicks()
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < ClockReads; i++)
            Stopwatch.GetTimestamp();
        return Nanoseconds(Stopwatch.GetTimestamp() - start) / ClockReads;
    }

    private static double Nanoseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalNanoseconds;
}
