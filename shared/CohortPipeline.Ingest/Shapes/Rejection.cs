using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>Why a record, or an entry of a batch, is a dead letter: the reason of the closed list, and what was found, for a person.</summary>
internal readonly record struct Rejection(DeadLetterReason Reason, string Detail)
{
    public bool Exists => Reason != DeadLetterReason.None;
}
