namespace CohortPipeline.Kinesis.Local;

/// <summary>A call of PutRecord or PutRecords, as those who decide on faults see it.</summary>
/// <param name="Number">1, 2, 3 … as calls come.</param>
/// <param name="At">Milliseconds since the epoch.</param>
public readonly record struct PutCall(long Number, string Stream, int Records, long At);

/// <summary>What becomes of a call as a whole; the default is an ordinary call.</summary>
public readonly record struct CallFate
{
    /// <summary>It is answered with this error, and nothing is stored.</summary>
    public KinesisError? Refusal { get; init; }

    /// <summary>How long its answer takes, or its end where it has none.</summary>
    public TimeSpan AnsweredAfter { get; init; }

    /// <summary>The connection ends without an answer.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>How long after the end of an unanswered call its records are stored; zero: before it.</summary>
    public TimeSpan StoredAfter { get; init; }

    public static CallFate Refused(KinesisError error) => new() { Refusal = error };

    public static CallFate Slow(TimeSpan answeredAfter) => new() { AnsweredAfter = answeredAfter };

    /// <summary>Stored, and the client is not told.</summary>
    public static CallFate StoredUnanswered(TimeSpan endsAfter = default) => new() { IsUnanswered = true, AnsweredAfter = endsAfter };

    /// <summary>Stored when the client has long given up.</summary>
    public static CallFate StoredLate(TimeSpan storedAfter) => new() { IsUnanswered = true, StoredAfter = storedAfter };
}

/// <summary>
/// Decides what goes wrong with puts, by a test's script or by chance. Called by several threads at once: a decision rests on
/// the arguments, or guards its own memory.
/// </summary>
public interface IPutFaults
{
    /// <summary>Once a call, before anything of it is stored.</summary>
    CallFate OnCall(in PutCall call);

    /// <summary>Once a record of a call that stores; null lets it through, to the shard's rate.</summary>
    /// <param name="place">From 0.</param>
    KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId);
}

/// <summary>Nothing goes wrong.</summary>
public sealed class NoFaults : IPutFaults
{
    public static NoFaults Instance { get; } = new();

    public CallFate OnCall(in PutCall call) => default;

    public KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId) => null;
}
