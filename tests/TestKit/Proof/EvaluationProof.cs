using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.TestKit.Proof;

/// <summary>What evaluators made of <c>activity</c>: deltas and memberships in the log must be the oracle's own, none lost and none twice.</summary>
public sealed class EvaluationProof
{
    private readonly ILog _log;
    private readonly PipelineTopics _topics;
    private readonly IReadOnlyList<OracleResult> _expected;

    /// <summary>Asks the oracle.</summary>
    /// <param name="activity">All that <c>activity</c> holds, by partition.</param>
    public EvaluationProof(ILog log, PipelineTopics topics, OracleOptions options, IReadOnlyList<IReadOnlyList<DumpedRecord>> activity)
    {
        _log = log;
        _topics = topics;
        _expected =
        [
            .. activity.AsParallel().AsOrdered().Select((records, partition) =>
                PartitionOracle.Run(partition, options, records.Select(record => new OracleRecord(record.Offset, record.Key, record.Value)))),
        ];
        Expected = new(
            _expected.SelectMany(result => result.Deltas).ToDictionary(),
            _expected.SelectMany(result => result.Memberships).ToDictionary(),
            _expected.SelectMany(result => result.Devices).ToDictionary());
    }

    /// <summary>What must be in the log, by the oracle.</summary>
    public OracleResult Expected { get; }

    /// <summary>How many deltas the oracle expects.</summary>
    public int DeltaCount => Expected.Deltas.Sum(profile => profile.Value.Count);

    /// <summary>What differs now; what is not evaluated yet shows as missing deltas.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(CancellationToken cancellation)
    {
        var deltas = await LogDump.TopicAsync(_log, _topics.MembershipDeltas.Name, cancellation).ConfigureAwait(false);
        var rows = await LogDump.CompactedAsync(_log, _topics.Memberships.Name, cancellation).ConfigureAwait(false);
        return
        [
            .. _expected.SelectMany((expected, partition) => DeltaComparer.CompareDeltas(expected.Deltas, DeltaComparer.Read(deltas[partition]))),
            .. DeltaComparer.CompareRows(Expected, rows.Values.Select(row => OracleMembership.Read(row.Key, row.Value)).ToDictionary(row => (row.CohortId, row.ProfileKey))),
        ];
    }
}
