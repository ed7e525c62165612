using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.TestKit.Proof;

/// <summary>What a proof looked at, and what it found wrong.</summary>
public sealed record ProofReport(int Published, int Activity, int Profiles, int Deltas, IReadOnlyList<string> Differences)
{
    public bool Holds => Differences.Count == 0;

    public override string ToString() =>
        $"{Published} published, {Activity} in activity, {Profiles} profiles with {Deltas} deltas: {(Holds ? "as the oracle says" : string.Join('\n', Differences))}";
}

/// <summary>
/// The property that every run on every log must have: the committed content of <c>activity</c> goes into the oracle, and
/// the deltas and memberships in the log are the oracle's own; nothing published is lost or there twice.
/// </summary>
public sealed class PipelineProof(ILog log, PipelineTopics topics, OracleOptions options)
{
    /// <summary>Looks at the log as it is. What was not evaluated yet shows as missing deltas.</summary>
    public async Task<ProofReport> CheckAsync(CancellationToken cancellation)
    {
        var activity = await LogDump.TopicAsync(log, topics.Activity.Name, cancellation).ConfigureAwait(false);
        var deltas = await LogDump.TopicAsync(log, topics.MembershipDeltas.Name, cancellation).ConfigureAwait(false);
        var rows = await LogDump.CompactedAsync(log, topics.Memberships.Name, cancellation).ConfigureAwait(false);
        var deadLetters = await LogDump.TopicAsync(log, topics.DeadLetters.Name, cancellation).ConfigureAwait(false);
        var published = new List<DumpedRecord>();
        foreach (var topic in options.SourceTopics)
            published.AddRange((await LogDump.TopicAsync(log, topic, cancellation).ConfigureAwait(false)).SelectMany(records => records));

        var results = activity.Select((records, partition) => Oracle(partition, records)).ToList();
        var differences = new List<string>(ActivityComparer.Compare(published, activity, deadLetters.SelectMany(records => records)));
        for (var partition = 0; partition < results.Count; partition++)
            differences.AddRange(DeltaComparer.CompareDeltas(results[partition].Deltas, DeltaComparer.Read(deltas[partition])));
        var all = new OracleResult(
            results.SelectMany(result => result.Deltas).ToDictionary(),
            results.SelectMany(result => result.Memberships).ToDictionary(),
            results.SelectMany(result => result.Devices).ToDictionary());
        differences.AddRange(DeltaComparer.CompareRows(all, rows.Values.Select(row => OracleMembership.Read(row.Key, row.Value)).ToDictionary(row => (row.CohortId, row.ProfileKey))));
        return new(published.Count, activity.Sum(records => records.Count), results.Sum(result => result.Deltas.Count), deltas.Sum(records => records.Count), differences);
    }

    private OracleResult Oracle(int partition, IReadOnlyList<DumpedRecord> records) =>
        PartitionOracle.Run(partition, options, records.Select(record => new OracleRecord(record.Offset, record.Key, record.Value)));
}
