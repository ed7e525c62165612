namespace CohortPipeline.Sinks;

/// <summary>Whose payloads a stream gets.</summary>
public enum KinesisFormat
{
    AmplitudeCohort,
    LyticsTrigger,

    /// <summary>Amplitude's event streaming: reads <c>activity</c>, not deltas.</summary>
    Events,
}

public enum ChangeSelection
{
    Both,
    Enters,
    Exits,
}

/// <summary>Where a destination without a committed position begins.</summary>
public enum StartAt
{
    /// <summary>With the members there are.</summary>
    Snapshot,

    /// <summary>With what changes from now on.</summary>
    Now,
}

/// <summary>What becomes of a record whose user has no <see cref="KinesisDestination.IdentifierField"/>.</summary>
public enum MissingIdentifier
{
    /// <summary>The profile key stands in.</summary>
    ProfileKey,

    /// <summary>A dead letter, <c>sink_no_identifier</c>.</summary>
    DeadLetter,
}

/// <summary>An AWS Kinesis data stream.</summary>
public sealed record KinesisDestination : Destination
{
    public const string SinkName = "kinesis";

    /// <summary>The value of <see cref="ExternalId"/> that switches it off by name.</summary>
    public const string NoExternalId = "none";

    public override string Sink => SinkName;

    /// <summary>Name of the stream; empty where <see cref="Destination.Endpoint"/> is a folder and none was given.</summary>
    public required string Stream { get; init; }

    /// <summary>Null where the stream was named and not given by its ARN.</summary>
    public string? StreamArn { get; init; }

    /// <summary>The role to assume; null: the SDK's default chain of credentials.</summary>
    public string? RoleArn { get; init; }

    /// <summary>
    /// Shown to STS with <see cref="RoleArn"/>; <see cref="NoExternalId"/> for none; null where there is no role, or where
    /// the definition was just read and <see cref="DestinationAdmission"/> has still to make one.
    /// </summary>
    public string? ExternalId { get; init; }

    public required KinesisFormat Format { get; init; }

    public ChangeSelection Changes { get; init; }

    /// <summary><c>user_id</c>, <c>device_id</c>, <c>amplitude_id</c>, or an exported profile property; null: a random key a record.</summary>
    public string? IdentifierField { get; init; }

    public MissingIdentifier MissingIdentifier { get; init; }

    public StartAt Start { get; init; }

    /// <summary>Users in one record of <see cref="KinesisFormat.AmplitudeCohort"/> without <see cref="IdentifierField"/>.</summary>
    public int UsersPerRecord { get; init; } = DefaultUsersPerRecord;

    /// <summary>How long such a record waits for more users.</summary>
    public TimeSpan Linger { get; init; } = DefaultLinger;

    /// <summary>Event types that <see cref="KinesisFormat.Events"/> forwards; null: all.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Whether <see cref="KinesisFormat.Events"/> forwards identify calls.</summary>
    public bool Identifies { get; init; }

    public KinesisLimits Limits { get; init; } = KinesisLimits.Default;

    public const int DefaultUsersPerRecord = 100;

    public static readonly TimeSpan DefaultLinger = TimeSpan.FromSeconds(1);
}

/// <summary>What one call and one record may hold; the stream's own settings decide.</summary>
/// <param name="RequestRecordsMax">Records in one PutRecords.</param>
/// <param name="RequestBytesMax">Data and keys of one PutRecords, in bytes.</param>
/// <param name="RecordBytesMax">Data and key of one record, in bytes.</param>
/// <param name="ShardRecordsPerSecond">Records a second to one shard.</param>
/// <param name="ShardBytesPerSecond">Data and keys a second to one shard, in bytes.</param>
public sealed record KinesisLimits(int RequestRecordsMax, int RequestBytesMax, int RecordBytesMax, int ShardRecordsPerSecond, int ShardBytesPerSecond)
{
    private const int MiB = 1024 * 1024;

    /// <summary>The most that a stream with large records takes, of a record and of a call.</summary>
    public const int LargeBytesMax = 10 * MiB;

    public static KinesisLimits Default { get; } = new(500, 5 * MiB, MiB, 1_000, MiB);
}
