using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Backtest;

/// <summary>A <c>*.cohort-test.yaml</c>: definitions, and what they must lead to.</summary>
public sealed record CohortTestFile(string Name, IReadOnlyList<CohortDefinition> Definitions, IReadOnlyList<CohortTestCase> Cases);

/// <summary>Records and every delta that must come of them.</summary>
public sealed record CohortTestCase(string Name, IReadOnlyList<CohortTestRecord> Records, IReadOnlyList<ExpectedDelta> Deltas);

/// <summary>A record at its timestamp, as a producer's JSON; null: time goes on to this instant.</summary>
/// <param name="At">The record's timestamp <c>L</c>, epoch milliseconds.</param>
/// <param name="Value">In a shape that ingest takes.</param>
/// <param name="Line">Where it stands in the file.</param>
public sealed record CohortTestRecord(long At, byte[]? Value, int Line);

/// <summary>The fields that a delta must have; what is not named may be anything.</summary>
/// <param name="Fields">By name, in the file's order, values as canonical JSON; <c>user</c>, <c>device</c> and <c>cohort</c> stand for the ids.</param>
public sealed record ExpectedDelta(IReadOnlyList<KeyValuePair<string, string>> Fields);

/// <summary>A test file that was read, or every error of it.</summary>
public sealed record CohortTestReading(CohortTestFile? File, IReadOnlyList<DefinitionError> Errors);
