namespace CohortPipeline.Contracts;

/// <summary>Why a record became a dead letter: a closed list (<c>docs/spec/inputs.md</c> §3). Each has a test and a line in the runbook.</summary>
public enum DeadLetterReason
{
    /// <summary>No dead letter at all.</summary>
    None,
    NotJson,
    TooDeep,
    TooLarge,
    Empty,
    UnknownShape,
    NoIdentity,
    IdTooLong,
    NoEventType,
    BadTime,
    BadProperties,
    MixedIdentify,
    UnknownOperation,
    BadOperand,
    BadSchemaFrame,
    RedirectCycle,
    BadActivity,
    SinkTooLarge,
    SinkNoIdentifier,
    SinkFormula,
}

/// <summary>The wire names of <see cref="DeadLetterReason"/>.</summary>
public static class DeadLetterReasons
{
    public static string Name(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.NotJson => "not_json",
        DeadLetterReason.TooDeep => "too_deep",
        DeadLetterReason.TooLarge => "too_large",
        DeadLetterReason.Empty => "empty",
        DeadLetterReason.UnknownShape => "unknown_shape",
        DeadLetterReason.NoIdentity => "no_identity",
        DeadLetterReason.IdTooLong => "id_too_long",
        DeadLetterReason.NoEventType => "no_event_type",
        DeadLetterReason.BadTime => "bad_time",
        DeadLetterReason.BadProperties => "bad_properties",
        DeadLetterReason.MixedIdentify => "mixed_identify",
        DeadLetterReason.UnknownOperation => "unknown_operation",
        DeadLetterReason.BadOperand => "bad_operand",
        DeadLetterReason.BadSchemaFrame => "bad_schema_frame",
        DeadLetterReason.RedirectCycle => "redirect_cycle",
        DeadLetterReason.BadActivity => "bad_activity",
        DeadLetterReason.SinkTooLarge => "sink_too_large",
        DeadLetterReason.SinkNoIdentifier => "sink_no_identifier",
        DeadLetterReason.SinkFormula => "sink_formula",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };
}

/// <summary>Headers that a dead letter has beside those it came with.</summary>
public static class DeadLetterHeaders
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "dlq.";

    /// <summary>Name of the <see cref="DeadLetterReason"/>.</summary>
    public const string Reason = "dlq.reason";

    /// <summary>What was found and what was expected, for a person.</summary>
    public const string Detail = "dlq.detail";

    public const string Topic = "dlq.topic";

    public const string Partition = "dlq.partition";

    public const string Offset = "dlq.offset";

    /// <summary>Place in the batch, of a batch's entry alone.</summary>
    public const string Entry = "dlq.entry";

    /// <summary>Name of the service that gave the record up.</summary>
    public const string Service = "dlq.service";

    /// <summary>When it did, RFC 3339.</summary>
    public const string At = "dlq.at";

    /// <summary>Full length of a value that was cut, in bytes.</summary>
    public const string Length = "dlq.length";

    /// <summary>SHA-256 of the full value of one that was cut, in lower-case hex.</summary>
    public const string Sha256 = "dlq.sha256";
}
