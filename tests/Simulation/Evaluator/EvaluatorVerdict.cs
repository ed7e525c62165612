using System.Text;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>
/// What a reader of committed records sees at last must be what the oracle says of <c>activity</c>: each profile's deltas, in
/// order and in every field (so versions rise, nothing is there twice, nothing is missing), and each row of memberships.
/// </summary>
internal sealed class EvaluatorVerdict(Broker broker, EvaluatorSettings settings, OracleOptions options)
{
    public string? FirstFault(RunCounts counts)
    {
        var memberships = new Dictionary<(string, string), OracleMembership>();
        var devices = new Dictionary<string, IReadOnlySet<string>>();
        for (var partition = 0; partition < settings.Pipeline.Partitions; partition++)
        {
            var expected = PartitionOracle.Run(partition, options, Activity(partition));
            var found = Deltas(partition);
            counts.Deltas += found.Values.Sum(deltas => deltas.Count);
            if (DeltaComparer.CompareDeltas(expected.Deltas, found) is [var difference, ..])
                return $"partition {partition}: {difference}";
            foreach (var (key, row) in expected.Memberships)
                memberships.Add(key, row);
            foreach (var (profile, named) in expected.Devices)
                devices.Add(profile, named);
        }

        var rows = DeltaComparer.CompareRows(new(new Dictionary<string, IReadOnlyList<OracleDelta>>(), memberships, devices), Rows());
        return rows is [var first, ..] ? first : Refused();
    }

    private List<OracleRecord> Activity(int partition) =>
        [.. broker.Visible(settings.Topics.Activity.Name, partition).Select(stored => new OracleRecord(stored.Offset, Text(stored.Record.Key), stored.Record.Value))];

    private Dictionary<string, IReadOnlyList<OracleDelta>> Deltas(int partition) =>
        broker.Visible(settings.Topics.MembershipDeltas.Name, partition)
            .Select(stored => OracleDelta.Read(Text(stored.Record.Key), stored.Record.Value))
            .GroupBy(delta => delta.ProfileKey)
            .ToDictionary(deltas => deltas.Key, deltas => (IReadOnlyList<OracleDelta>)[.. deltas]);

    private Dictionary<(string, string), OracleMembership> Rows()
    {
        var newest = new Dictionary<string, byte[]?>();
        for (var partition = 0; partition < settings.Pipeline.Partitions; partition++)
        {
            foreach (var (_, record) in broker.Visible(settings.Topics.Memberships.Name, partition))
                newest[Text(record.Key)] = record.Value;
        }

        return newest.Where(row => row.Value is not null).Select(row => OracleMembership.Read(row.Key, row.Value)).ToDictionary(row => (row.CohortId, row.ProfileKey));
    }

    /// <summary>The feed writes nothing that the evaluator may refuse.</summary>
    private string? Refused()
    {
        for (var partition = 0; partition < settings.Pipeline.Partitions; partition++)
        {
            foreach (var (offset, record) in broker.Visible(settings.Topics.DeadLetters.Name, partition))
                return $"a record was refused: {settings.Topics.DeadLetters.Name}/{partition}@{offset} {Text(record.Value)}";
        }

        return null;
    }

    private static string Text(byte[]? bytes) => bytes is null ? "" : Encoding.UTF8.GetString(bytes);
}
