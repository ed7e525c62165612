using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>What no output shows: a transaction writes each key of a changelog partition once, and the position record last.</summary>
internal sealed class ChangelogRule(EvaluatorSettings settings)
{
    private static ReadOnlySpan<byte> PositionKey => "\0position"u8;

    /// <exception cref="InvalidOperationException">It does not.</exception>
    public void Check(Transaction transaction)
    {
        foreach (var partition in transaction.Records.Where(written => written.Partition.Topic == settings.Topics.EvaluatorChangelog.Name).GroupBy(written => written.Partition, written => written.Record.Key!))
        {
            var keys = partition.Select(Convert.ToHexString).ToList();
            if (keys.Distinct().Count() != keys.Count)
                throw new InvalidOperationException($"a transaction of {transaction.TransactionalId} writes a key of {partition.Key} more than once");
            if (!partition.Last().AsSpan().SequenceEqual(PositionKey))
                throw new InvalidOperationException($"a transaction of {transaction.TransactionalId} does not end with the position record in {partition.Key}");
        }
    }
}
