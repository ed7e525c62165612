using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.TestKit.SimulatedKafka.Partitions;

/// <summary>A record as it was appended, in memory of its own.</summary>
public sealed record SimulatedRecord(byte[]? Key, byte[]? Value, IReadOnlyList<(string Name, byte[]? Value)> Headers, long Timestamp);

/// <summary>A record in its partition; <paramref name="Transaction"/> is null for one written outside of any.</summary>
internal readonly record struct StoredRecord(long Offset, SimulatedRecord Record, Transaction? Transaction);
