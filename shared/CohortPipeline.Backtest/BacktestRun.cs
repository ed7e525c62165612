using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Ingest;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Explain;

namespace CohortPipeline.Backtest;

/// <summary>What became of one cohort: <paramref name="Members"/> are there at the end.</summary>
public sealed record CohortCount(string Id, string Name, long Members, long Enters, long Exits);

/// <summary>What a backtest read and found. Bad records moved nothing.</summary>
public sealed record BacktestSummary(long Records, long BadRecords, long Deltas, IReadOnlyList<CohortCount> Cohorts);

/// <summary>
/// Definitions tried on producers' records (<c>docs/spec/cohorts.md</c> §8): normalized as ingest does it, evaluated as the
/// evaluator does it, in one partition in memory. Time is the records' own; no wall clock is looked at.
/// </summary>
public sealed class BacktestRun : IDisposable
{
    private readonly Normalizer _normalizer = new();
    private readonly DeltaReader _deltas = new();
    private readonly PartitionRun _partition;
    private readonly DeltaHandler _onDelta;
    private readonly SortedDictionary<string, Count> _cohorts = new(StringComparer.Ordinal);
    private long _records;
    private long _bad;

    /// <param name="definitions">All that there are; each id once.</param>
    /// <param name="onDelta">Called for each delta, in order.</param>
    /// <exception cref="InvalidOperationException">The definitions ask for membership of each other in a circle, or of cohorts that are not there.</exception>
    public BacktestRun(IReadOnlyList<CohortDefinition> definitions, DeltaHandler onDelta)
    {
        _onDelta = onDelta;
        _partition = new(Take);
        foreach (var definition in definitions)
            _cohorts.Add(definition.Id, new(definition.Name));
        _partition.Define(definitions);
    }

    /// <summary>Timestamp of the newest record so far: a record without a time, at the beginning of a next file, has it.</summary>
    public long LastTimestamp { get; private set; }

    /// <summary>Records after this instant are left alone.</summary>
    public long AppliesUpTo { get; set; } = long.MaxValue;

    public BacktestSummary Summary => new(
        _records,
        _bad,
        _cohorts.Values.Sum(cohort => cohort.Enters + cohort.Exits),
        [.. _cohorts.Select(cohort => new CohortCount(cohort.Key, cohort.Value.Name, cohort.Value.Enters - cohort.Value.Exits, cohort.Value.Enters, cohort.Value.Exits))]);

    /// <summary>Applies a file's records, in the file's order.</summary>
    /// <param name="file">Is read to its end.</param>
    /// <param name="onBadLine">Called for each line that is no record, with its number and what is wrong.</param>
    /// <param name="onProgress">Called now and then with how many bytes of the file were read.</param>
    public void Read(RecordFile file, Action<long, string> onBadLine, Action<long> onProgress)
    {
        var read = file.ReadBytes;
        foreach (var line in file.Read())
        {
            if (line.Problem is { } problem)
                Refuse(line.Number, problem);
            else
                Apply(line.Value.Span, line.Timestamp, problem => Refuse(line.Number, problem));
            if (file.ReadBytes == read)
                continue;
            read = file.ReadBytes;
            onProgress(read);
        }

        void Refuse(long line, string problem)
        {
            _bad++;
            onBadLine(line, problem);
        }
    }

    /// <summary>Applies one record in any shape, or each entry of a batch.</summary>
    /// <param name="value">The producer's record.</param>
    /// <param name="timestamp">Its timestamp <c>L</c>.</param>
    /// <param name="onBad">Called with what is wrong with it.</param>
    public void Apply(ReadOnlySpan<byte> value, long timestamp, Action<string> onBad)
    {
        if (timestamp > AppliesUpTo)
            return;
        LastTimestamp = timestamp;
        var normalized = _normalizer.Normalize(new() { Topic = "file"u8, Value = value, Timestamp = timestamp }, wallClock: long.MaxValue);
        for (var i = 0; i < normalized.Count; i++)
        {
            var problem = normalized[i].IsDeadLetter
                ? $"{DeadLetterReasons.Name(normalized[i].Reason)}: {normalized[i].Detail}"
                : _partition.Apply(normalized.Key(i), normalized.Value(i));
            if (problem.Length > 0)
                onBad(problem);
            else
                _records++;
        }
    }

    /// <inheritdoc cref="PartitionRun.AdvanceTo"/>
    public void AdvanceTo(long until) => _partition.AdvanceTo(until);

    /// <summary>Why the profile of a key is in a cohort at an instant, or is not; null for a cohort that is not defined.</summary>
    public Explanation? Explain(ReadOnlySpan<byte> key, string cohortId, long instant) => _partition.Explain(key, cohortId, instant);

    public void Dispose() => _normalizer.Dispose();

    private void Take(ReadOnlySpan<byte> value)
    {
        if (!_deltas.TryRead(value, out var delta, out var error))
            throw new InvalidDataException($"the evaluator wrote a delta that nobody can read: {error}");
        var cohort = _cohorts[Encoding.UTF8.GetString(delta.CohortId)];
        if (delta.Change == MembershipChange.Enter)
            cohort.Enters++;
        else
            cohort.Exits++;
        _onDelta(value);
    }

    private sealed class Count(string name)
    {
        public string Name => name;

        public long Enters { get; set; }

        public long Exits { get; set; }
    }
}
