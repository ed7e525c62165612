using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.TestKit.Proof;

/// <summary>
/// The property that every run on every log must have: the committed content of <c>activity</c> goes into the oracle, and
/// the deltas and memberships in the log are the oracle's own; nothing published is lost or there twice.
/// </summary>
/// <remarks>It looks at a pipeline whose ingest has stopped, so that <c>activity</c> does not change any more.</remarks>
public sealed class PipelineProof
{
    private readonly ILog _log;
    private readonly PipelineTopics _topics;
    private readonly IReadOnlyList<IReadOnlyList<DumpedRecord>> _activity;
    private readonly EvaluationProof _evaluation;

    private PipelineProof(ILog log, PipelineTopics topics, IReadOnlyList<DumpedRecord> published, IReadOnlyList<IReadOnlyList<DumpedRecord>> activity, EvaluationProof evaluation)
    {
        _log = log;
        _topics = topics;
        Published = published;
        _activity = activity;
        _evaluation = evaluation;
    }

    /// <summary>What the source topics hold.</summary>
    public IReadOnlyList<DumpedRecord> Published { get; }

    /// <summary>What <c>activity</c> holds, partition after partition.</summary>
    public IEnumerable<DumpedRecord> Activity => _activity.SelectMany(records => records);

    /// <summary>What must be in the log, by the oracle.</summary>
    public OracleResult Expected => _evaluation.Expected;

    /// <summary>How many deltas the oracle expects.</summary>
    public int DeltaCount => _evaluation.DeltaCount;

    /// <summary>Reads sources and <c>activity</c> and asks the oracle.</summary>
    public static async Task<PipelineProof> OfAsync(ILog log, PipelineTopics topics, OracleOptions options, CancellationToken cancellation)
    {
        var published = new List<DumpedRecord>();
        foreach (var topic in options.SourceTopics)
            published.AddRange((await LogDump.TopicAsync(log, topic, cancellation).ConfigureAwait(false)).SelectMany(records => records));
        var activity = await LogDump.TopicAsync(log, topics.Activity.Name, cancellation).ConfigureAwait(false);
        return new(log, topics, published, activity, new(log, topics, options, activity));
    }

    /// <summary>Waits until the evaluator has come to its end and the property holds; at the deadline what differs is the failure.</summary>
    /// <exception cref="TimeoutException">It does not hold.</exception>
    public Task HoldsAsync(TimeSpan deadline, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token => await DifferencesAsync(token).ConfigureAwait(false) is { Count: > 0 } differences ? string.Join('\n', differences) : null,
        deadline,
        cancellation);

    /// <summary>What differs now; what is not evaluated yet shows as missing deltas.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(CancellationToken cancellation)
    {
        var deadLetters = await LogDump.TopicAsync(_log, _topics.DeadLetters.Name, cancellation).ConfigureAwait(false);
        return
        [
            .. ActivityComparer.Compare(Published, _activity, deadLetters.SelectMany(records => records)),
            .. await _evaluation.DifferencesAsync(cancellation).ConfigureAwait(false),
        ];
    }
}
