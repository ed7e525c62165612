using CohortPipeline.Log.Kafka.Native;

namespace CohortPipeline.Log.Kafka.Writing;

/// <summary>What a step of ending a transaction leaves to be done.</summary>
internal enum StepOutcome
{
    Done,

    /// <summary>The step surely did not happen, and the transaction can be aborted.</summary>
    MustAbort,

    /// <summary>It may or may not have happened; only a new writer of the same id can tell.</summary>
    Unknown,

    Fenced,
}

/// <summary>Reads librdkafka's answers to transactional calls. Pure.</summary>
internal static class TransactionStep
{
    /// <param name="error">What the call answered.</param>
    /// <param name="fatal">The client's fatal error, if it has one.</param>
    /// <param name="hasOutlivedItsTimeout">
    /// The transaction was open for so long that the broker may have ended it. A transaction that the broker timed out and a
    /// transactional id that another writer took over look the same to the client, so such a writer is not called fenced: it
    /// is opened anew, and what the group has committed decides.
    /// </param>
    public static StepOutcome OfOffsets(NativeError error, NativeError fatal, bool hasOutlivedItsTimeout) =>
        error.IsNone ? StepOutcome.Done
        : IsFatal(error, fatal) ? OfFatal(error, fatal, hasOutlivedItsTimeout)
        : StepOutcome.MustAbort;

    /// <inheritdoc cref="OfOffsets"/>
    public static StepOutcome OfCommit(NativeError error, NativeError fatal, bool hasOutlivedItsTimeout) =>
        error.IsNone ? StepOutcome.Done
        : IsFatal(error, fatal) ? OfFatal(error, fatal, hasOutlivedItsTimeout)
        : error.RequiresAbort ? StepOutcome.MustAbort
        : StepOutcome.Unknown;

    /// <inheritdoc cref="OfOffsets"/>
    public static StepOutcome OfAbort(NativeError error, NativeError fatal, bool hasOutlivedItsTimeout) =>
        error.IsNone ? StepOutcome.Done
        : IsFatal(error, fatal) ? OfFatal(error, fatal, hasOutlivedItsTimeout)
        : StepOutcome.Unknown;

    private static bool IsFatal(NativeError error, NativeError fatal) => error.IsFatal || !fatal.IsNone;

    private static StepOutcome OfFatal(NativeError error, NativeError fatal, bool hasOutlivedItsTimeout)
    {
        var code = fatal.IsNone ? error.Code : fatal.Code;
        return KafkaErrors.IsFenced(code) && !hasOutlivedItsTimeout ? StepOutcome.Fenced : StepOutcome.Unknown;
    }
}
